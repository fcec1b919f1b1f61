import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openCloud } from "../open-cloud.ts";
import { writeAssembly } from "../test-assembly.ts";
import { clientRunner } from "./run-client.ts";

/** Says what it was sent, as any function would. */
const handler = `
  export const handler = async (event) => {
    if (event.fail) throw new Error("told to fail");
    return { got: event };
  };`;

const template = {
  Resources: {
    Films: { Type: "AWS::S3::Bucket", Properties: { BucketName: "films" } },
    Arrivals: {
      Type: "AWS::SQS::Queue",
      Properties: { QueueName: "arrivals", VisibilityTimeout: 60 },
    },
    Role: {
      Type: "AWS::IAM::Role",
      Properties: {
        AssumeRolePolicyDocument: {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "lambda.amazonaws.com" },
              Action: "sts:AssumeRole",
            },
          ],
        },
      },
    },
    Function: {
      Type: "AWS::Lambda::Function",
      Properties: {
        FunctionName: "echo",
        Runtime: "nodejs24.x",
        Handler: "index.handler",
        Timeout: 60,
        Role: { "Fn::GetAtt": ["Role", "Arn"] },
        Code: { S3Bucket: "assets", S3Key: "code.zip" },
      },
    },
    Login: {
      Type: "AWS::SecretsManager::Secret",
      Properties: { SecretString: '{"username":"app_user","password":"correct horse battery"}' },
    },
    Cluster: {
      Type: "AWS::RDS::DBCluster",
      Properties: {
        Engine: "aurora-postgresql",
        EngineVersion: "18.1",
        DatabaseName: "app",
        MasterUsername: "app_user",
        MasterUserPassword: "correct horse battery",
        EnableHttpEndpoint: true,
      },
    },
  },
  Outputs: {
    QueueUrl: { Value: { Ref: "Arrivals" } },
    SecretArn: { Value: { Ref: "Login" } },
    ClusterArn: { Value: { "Fn::GetAtt": ["Cluster", "DBClusterArn"] } },
  },
};

/** The cloud with one resource of each kind, and a way to run a client against it. */
export async function openStockCloud() {
  const directory = mkdtempSync(path.join(tmpdir(), "stock-cloud-"));
  const assemblyDir = path.join(directory, "cdk.out");
  writeAssembly(assemblyDir, { Stock: { template } }, { "code.zip": { "index.mjs": handler } });
  const cloud = await openCloud({ dataDir: path.join(directory, "data"), port: 0 });
  const { outputs } = await cloud.deploy({ assemblyDir });
  return {
    endpoint: cloud.endpoint,
    /** For files of the test; goes with the cloud. */
    directory,
    outputs: outputs.Stock ?? {},
    run: clientRunner({ ...cloud, directory }),
    async close() {
      await cloud.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export type StockCloud = Awaited<ReturnType<typeof openStockCloud>>;
