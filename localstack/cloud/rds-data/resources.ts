import { z } from "zod";
import { StartError } from "../aws-error.ts";
import type { ResourceContext, ResourceProvider } from "../resource-provider.ts";
import type { Cluster, ClusterRegistry } from "./clusters.ts";
import type { DatabaseOwner } from "./database-setup.ts";

export interface ClusterHost {
  readonly clusters: ClusterRegistry;
  /** Major version of the server that clusters are made on. */
  readonly majorVersion: number;
  setUp(owner: DatabaseOwner): Promise<void>;
}

const text = z.string().min(1);
/** CloudFormation takes booleans and numbers as strings too. */
const bool = z.union([z.boolean(), z.enum(["true", "false"]).transform((word) => word === "true")]);

const clusterSchema = z.strictObject({
  Engine: z.literal("aurora-postgresql"),
  EngineVersion: z
    .string()
    .regex(/^\d+(\.\d+)*$/)
    .optional(),
  DBClusterIdentifier: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,62}$/)
    .optional(),
  DatabaseName: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/)
    .default("postgres"),
  MasterUsername: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9_]{0,62}$/, "begin with a letter; letters, digits and _"),
  MasterUserPassword: z.string().min(8).max(128),
  EnableHttpEndpoint: bool.default(false),
  Port: z.coerce.number().int().default(5432),
});

/** One DB cluster becomes one role and one database on the server. */
export function databaseClusterProvider(
  host: ClusterHost,
): ResourceProvider<z.infer<typeof clusterSchema>> {
  return {
    type: "AWS::RDS::DBCluster",
    schema: clusterSchema,
    inert: [
      "AllocatedStorage",
      "AssociatedRoles",
      "AutoMinorVersionUpgrade",
      "AvailabilityZones",
      "BackupRetentionPeriod",
      "CopyTagsToSnapshot",
      "DBClusterParameterGroupName",
      "DBInstanceParameterGroupName",
      "DBSubnetGroupName",
      "DatabaseInsightsMode",
      "DeletionProtection",
      "EnableCloudwatchLogsExports",
      "EnableIAMDatabaseAuthentication",
      "EngineLifecycleSupport",
      "EngineMode",
      "KmsKeyId",
      "MonitoringInterval",
      "MonitoringRoleArn",
      "NetworkType",
      "PerformanceInsightsEnabled",
      "PerformanceInsightsKmsKeyId",
      "PerformanceInsightsRetentionPeriod",
      "PreferredBackupWindow",
      "PreferredMaintenanceWindow",
      "ServerlessV2ScalingConfiguration",
      "StorageEncrypted",
      "StorageType",
      "Tags",
      "VpcSecurityGroupIds",
    ],
    async put(properties, context) {
      const place = `${context.stackName}, ${context.logicalId}`;
      const wanted = properties.EngineVersion?.split(".")[0];
      if (wanted !== undefined && Number(wanted) !== host.majorVersion)
        throw new StartError(
          "postgres-version",
          `${place}: EngineVersion is ${properties.EngineVersion}, and the server is PostgreSQL ${host.majorVersion}: ` +
            `write a version ${host.majorVersion}.`,
        );
      const identifier = (
        properties.DBClusterIdentifier ??
        context.physicalId ??
        context.generatedName(63)
      ).toLowerCase();
      const owner = host.clusters.ownerOf(properties.DatabaseName);
      if (owner !== undefined && owner !== identifier)
        throw new StartError(
          "database-name-taken",
          `${place}: DatabaseName ${properties.DatabaseName} belongs to the cluster ${owner} already: give each cluster a name of its own.`,
        );
      const cluster: Cluster = {
        identifier,
        arn: `arn:aws:rds:${context.region}:${context.accountId}:cluster:${identifier}`,
        databaseName: properties.DatabaseName,
        masterUsername: properties.MasterUsername,
        httpEndpoint: properties.EnableHttpEndpoint,
      };
      await host.setUp({
        databaseName: cluster.databaseName,
        username: cluster.masterUsername,
        password: properties.MasterUserPassword,
      });
      host.clusters.save(cluster);
      const domain = `${context.region}.rds.amazonaws.com`;
      return {
        physicalId: identifier,
        attributes: {
          DBClusterArn: cluster.arn,
          DBClusterResourceId: `cluster-${identifier.toUpperCase()}`,
          "Endpoint.Address": `${identifier}.cluster-local.${domain}`,
          "Endpoint.Port": String(properties.Port),
          "ReadEndpoint.Address": `${identifier}.cluster-ro-local.${domain}`,
        },
      };
    },
    // The database stays, as CloudFormation's default of a final snapshot keeps its rows.
    delete: async (physicalId) => host.clusters.remove(physicalId),
  };
}

/** Types that stand for themselves here: they can be named by others, and do nothing. */
export const inertDatabaseProviders: readonly ResourceProvider<Record<string, unknown>>[] = [
  inertProvider({
    type: "AWS::RDS::DBInstance",
    nameProperty: "DBInstanceIdentifier",
    attributes: (name, { region, accountId }) => ({
      DBInstanceArn: `arn:aws:rds:${region}:${accountId}:db:${name}`,
      DbiResourceId: `db-${name.toUpperCase()}`,
      "Endpoint.Address": `${name}.local.${region}.rds.amazonaws.com`,
      "Endpoint.Port": "5432",
    }),
    properties: {
      DBClusterIdentifier: text,
      DBInstanceClass: text,
      Engine: z.literal("aurora-postgresql"),
    },
    inert: [
      "AutoMinorVersionUpgrade",
      "AvailabilityZone",
      "CACertificateIdentifier",
      "CopyTagsToSnapshot",
      "DBParameterGroupName",
      "DBSubnetGroupName",
      "EnablePerformanceInsights",
      "EngineVersion",
      "MonitoringInterval",
      "MonitoringRoleArn",
      "PerformanceInsightsKMSKeyId",
      "PerformanceInsightsRetentionPeriod",
      "PreferredMaintenanceWindow",
      "PromotionTier",
      "PubliclyAccessible",
      "Tags",
    ],
  }),
  inertProvider({
    type: "AWS::RDS::DBSubnetGroup",
    nameProperty: "DBSubnetGroupName",
    properties: {},
    inert: ["DBSubnetGroupDescription", "SubnetIds", "Tags"],
  }),
  inertProvider({
    type: "AWS::RDS::DBClusterParameterGroup",
    nameProperty: "DBClusterParameterGroupName",
    properties: {},
    inert: ["Description", "Family", "Parameters", "Tags"],
  }),
];

interface InertType {
  readonly type: string;
  readonly nameProperty: string;
  readonly attributes?: (name: string, context: ResourceContext) => Record<string, string>;
  readonly properties: Readonly<Record<string, z.ZodType>>;
  readonly inert: readonly string[];
}

function inertProvider(kind: InertType): ResourceProvider<Record<string, unknown>> {
  const schema = z.strictObject({ ...kind.properties, [kind.nameProperty]: text.optional() });
  return {
    type: kind.type,
    schema,
    inert: kind.inert,
    async put(properties, context) {
      const given = properties[kind.nameProperty];
      const name = (
        typeof given === "string" ? given : (context.physicalId ?? context.generatedName(63))
      ).toLowerCase();
      return { physicalId: name, attributes: kind.attributes?.(name, context) ?? {} };
    },
    delete: async () => {},
  };
}
