import { z } from "zod";
import type { ResourceContext, ResourceProvider, ResourceState } from "../resource-provider.ts";
import { generatedId } from "./names.ts";

type Properties = Readonly<Record<string, unknown>>;
type Describe = (properties: Properties, context: ResourceContext) => ResourceState;

/**
 * Types that are accepted and do nothing here: there is no network to divide, and nobody watches
 * alarms. They still answer `Ref` and `Fn::GetAtt`, since other resources name them.
 */
export const inertProviders: readonly ResourceProvider<Properties>[] = [
  inert("AWS::CDK::Metadata", byName()),

  inert(
    "AWS::Logs::LogGroup",
    byName("LogGroupName", (name, { region, accountId }) => ({
      Arn: `arn:aws:logs:${region}:${accountId}:log-group:${name}:*`,
    })),
  ),
  inert("AWS::Logs::LogStream", byName("LogStreamName")),
  inert("AWS::Logs::MetricFilter", byName("FilterName")),
  inert("AWS::CloudWatch::Alarm", byName("AlarmName", alarmArn)),
  inert("AWS::CloudWatch::CompositeAlarm", byName("AlarmName", alarmArn)),
  inert("AWS::CloudWatch::Dashboard", byName("DashboardName")),

  inert("AWS::EC2::VPC", (properties, context) => {
    const vpc = byId("vpc")(properties, context);
    const part = (prefix: string) => generatedId(prefix, context.stackName, context.logicalId);
    return {
      physicalId: vpc.physicalId,
      attributes: {
        VpcId: vpc.physicalId,
        CidrBlock: String(properties.CidrBlock ?? "10.0.0.0/16"),
        DefaultSecurityGroup: part("sg"),
        DefaultNetworkAcl: part("acl"),
      },
    };
  }),
  inert("AWS::EC2::VPCCidrBlock", byId("vpc-cidr-assoc")),
  inert(
    "AWS::EC2::Subnet",
    byId("subnet", (properties, id, { region }) => ({
      SubnetId: id,
      VpcId: String(properties.VpcId ?? ""),
      CidrBlock: String(properties.CidrBlock ?? ""),
      AvailabilityZone: String(properties.AvailabilityZone ?? `${region}a`),
    })),
  ),
  inert(
    "AWS::EC2::RouteTable",
    byId("rtb", (_, id) => ({ RouteTableId: id })),
  ),
  inert(
    "AWS::EC2::SubnetRouteTableAssociation",
    byId("rtbassoc", (_, id) => ({ Id: id })),
  ),
  inert("AWS::EC2::Route", byId("r")),
  inert(
    "AWS::EC2::InternetGateway",
    byId("igw", (_, id) => ({ InternetGatewayId: id })),
  ),
  inert("AWS::EC2::VPCGatewayAttachment", byId("attach")),
  inert(
    "AWS::EC2::EIP",
    byId("eipalloc", (_, id) => ({ AllocationId: id, PublicIp: "192.0.2.1" })),
  ),
  inert(
    "AWS::EC2::NatGateway",
    byId("nat", (_, id) => ({ NatGatewayId: id })),
  ),
  inert(
    "AWS::EC2::NetworkAcl",
    byId("acl", (_, id) => ({ Id: id })),
  ),
  inert("AWS::EC2::NetworkAclEntry", byId("acle")),
  inert(
    "AWS::EC2::SecurityGroup",
    byId("sg", (properties, id) => ({
      GroupId: id,
      Id: id,
      VpcId: String(properties.VpcId ?? ""),
    })),
  ),
  inert(
    "AWS::EC2::SecurityGroupIngress",
    byId("sgr", (_, id) => ({ Id: id })),
  ),
  inert(
    "AWS::EC2::SecurityGroupEgress",
    byId("sgr", (_, id) => ({ Id: id })),
  ),
  inert(
    "AWS::EC2::VPCEndpoint",
    byId("vpce", (_, id) => ({ Id: id })),
  ),
  inert(
    "AWS::EC2::FlowLog",
    byId("fl", (_, id) => ({ Id: id })),
  ),
  inert("AWS::RDS::DBParameterGroup", byName("DBParameterGroupName")),
];

function inert(type: string, describe: Describe): ResourceProvider<Properties> {
  return {
    type,
    schema: z.record(z.string(), z.unknown()),
    inert: [],
    put: async (properties, context) => describe(properties, context),
    delete: async () => {},
  };
}

function byName(
  property?: string,
  attributes: (name: string, context: ResourceContext) => ResourceState["attributes"] = () => ({}),
): Describe {
  return (properties, context) => {
    const given = property === undefined ? undefined : properties[property];
    const name = typeof given === "string" ? given : context.generatedName();
    return { physicalId: name, attributes: attributes(name, context) };
  };
}

function byId(
  prefix: string,
  attributes: (
    properties: Properties,
    id: string,
    context: ResourceContext,
  ) => ResourceState["attributes"] = () => ({}),
): Describe {
  return (properties, context) => {
    const id = generatedId(prefix, context.stackName, context.logicalId);
    return { physicalId: id, attributes: attributes(properties, id, context) };
  };
}

function alarmArn(name: string, { region, accountId }: ResourceContext) {
  return { Arn: `arn:aws:cloudwatch:${region}:${accountId}:alarm:${name}` };
}
