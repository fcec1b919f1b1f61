import { dirname } from "node:path";
import { CloudFrontKeyValueStoreClient } from "@aws-sdk/client-cloudfront-keyvaluestore";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { layerFault } from "../layers/ffmpeg/layer.mjs";
import { cdkProvisioner } from "./deploy/cdk-provisioner.ts";
import { deploy, output, stackNames } from "./deploy/deploy.ts";
import { deployHelp, parseDeployArguments } from "./deploy-arguments.ts";
import { ensureWeb } from "./embedded/assembly.ts";
import { CommandError, isExplained } from "./errors.ts";

const root = dirname(import.meta.dirname);
/** As infra/targets.ts has it for AWS. */
const ffmpegVariant = "linux-arm64";

async function main(): Promise<void> {
  const options = parseDeployArguments(process.argv.slice(2), process.env);
  if (!options) {
    process.stdout.write(deployHelp);
    return;
  }
  const fault = layerFault(ffmpegVariant);
  if (fault) throw new CommandError("layer-missing", fault);
  const { region } = options;
  // The CDK's command line asks the environment.
  process.env.AWS_REGION = region;
  const webDir = await ensureWeb(root, () => {});
  const outputs = await deploy({
    provisioner: cdkProvisioner({ root, target: "aws" }),
    clients: {
      s3: new S3Client({ region }),
      lambda: new LambdaClient({ region }),
      secrets: new SecretsManagerClient({ region }),
      keyValueStores: new CloudFrontKeyValueStoreClient({ region }),
    },
    tokenIssuer: {
      issuer: options.issuer,
      audience: options.audience,
      jwksUrl: await jwksUrlOf(options.issuer),
    },
    webDir,
    webFiles: async () => [
      {
        key: "config.json",
        body: Buffer.from(
          JSON.stringify({
            api: "/api",
            identity: { kind: "oidc", issuer: options.issuer, clientId: options["client-id"] },
          }),
        ),
      },
    ],
    onStep: (step) => process.stdout.write(`${step} …\n`),
  });
  const domain = output(outputs, stackNames.edge, "DistributionDomainName");
  process.stdout.write(`\nPage  https://${domain}/\nAPI   https://${domain}/api\n`);
}

/** OpenID Connect Discovery 1.0, section 4. */
async function jwksUrlOf(issuer: string): Promise<string> {
  const address = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(address).catch(() => undefined);
  const document = answer?.ok ? ((await answer.json()) as { jwks_uri?: unknown }) : {};
  if (typeof document.jwks_uri === "string") return document.jwks_uri;
  throw new CommandError(
    "issuer-unknown",
    `${address} does not describe an issuer; check --issuer.`,
  );
}

try {
  await main();
} catch (error) {
  if (!isExplained(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
