import { Duration } from "aws-cdk-lib";
import { type IVpc, SecurityGroup, SubnetType, Vpc } from "aws-cdk-lib/aws-ec2";
import {
  AuroraPostgresEngineVersion,
  ClusterInstance,
  Credentials,
  DatabaseCluster,
  DatabaseClusterEngine,
} from "aws-cdk-lib/aws-rds";
import { Construct } from "constructs";
import type { Target } from "../targets.ts";
import { type DatabaseAccess, databaseName } from "./database-access.ts";

/**
 * Aurora PostgreSQL that sleeps when nobody asks, reached by the Data API only: its network has no
 * way in or out, and functions need no VPC.
 */
export class Database extends Construct {
  readonly access: DatabaseAccess;

  constructor(scope: Construct, id: string, props: { readonly target: Target }) {
    super(scope, id);
    const { target } = props;
    const vpc = new Vpc(this, "Network", {
      // Aurora wants subnets in two zones.
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [
        { name: "database", subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 },
      ],
      // Done by a custom resource; nothing in this network uses the default group.
      restrictDefaultSecurityGroup: false,
      // The CDK's own types do not agree with each other under exactOptionalPropertyTypes.
    }) as IVpc;
    const cluster = new DatabaseCluster(this, "Cluster", {
      engine: DatabaseClusterEngine.auroraPostgres({
        version: AuroraPostgresEngineVersion.VER_18_4,
      }),
      writer: ClusterInstance.serverlessV2("Writer"),
      serverlessV2MinCapacity: 0,
      serverlessV2MaxCapacity: 4,
      // Waking takes about 15 s: worth it after a quiet quarter of an hour, not between two clicks.
      serverlessV2AutoPauseDuration: Duration.minutes(15),
      enableDataApi: true,
      defaultDatabaseName: databaseName,
      credentials: Credentials.fromGeneratedSecret("sluice"),
      vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [
        new SecurityGroup(this, "SecurityGroup", {
          vpc,
          description: "Nobody: the Data API does not come through the network",
          allowAllOutbound: false,
        }),
      ],
      storageEncrypted: true,
      copyTagsToSnapshot: true,
      backup: { retention: target.databaseBackupRetention },
      deletionProtection: target.databaseDeletionProtection,
      removalPolicy: target.databaseRemovalPolicy,
    });
    if (!cluster.secret) throw new Error("A cluster with generated credentials has a secret.");
    this.access = { clusterArn: cluster.clusterArn, secretArn: cluster.secret.secretArn };
  }
}
