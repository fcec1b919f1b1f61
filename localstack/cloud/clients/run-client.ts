import { spawn } from "node:child_process";
import type { Credentials } from "../context.ts";

/** Folder of the commands of AWS CLI, boto3's Python and s3cmd; set by `npm test` where they could be installed. */
export const pythonClients = process.env.SLUICE_PYTHON_CLIENTS;
export const rclone = process.env.SLUICE_RCLONE;

const longestMs = 120_000;

export interface ClientTarget {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Working and home directory of the client. */
  readonly directory: string;
}

/**
 * Runs clients with endpoint and credentials in their environment, as a person's shell would have
 * them, and with nothing of this machine's own settings. The function answers standard output.
 * @throws Error with what the client said, when it does not exit with 0
 */
export function clientRunner({ endpoint, region, credentials, directory }: ClientTarget) {
  const env = {
    PATH: process.env.PATH,
    HOME: directory,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: region,
    AWS_ENDPOINT_URL: endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    LC_ALL: "C.UTF-8",
    TZ: "UTC",
  };
  return (command: string, args: readonly string[], input = ""): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { cwd: directory, env, timeout: longestMs });
      let stdout = "";
      let said = "";
      child.stdout.setEncoding("utf8").on("data", (text: string) => {
        stdout += text;
        said += text;
      });
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
      child.on("error", reject);
      child.on("close", (code) => {
        if (code === 0) resolve(stdout);
        else reject(new Error(`${command} ${args.join(" ")} ended with ${code}: ${said}`));
      });
      child.stdin.end(input);
    });
}
