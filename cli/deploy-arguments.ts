import { parseArgs } from "node:util";
import { z } from "zod";
import { CommandError } from "./errors.ts";

export const deployHelp = `Usage: npm run deploy -- --issuer URL --audience AUD --client-id ID [--region R]

Deploys Sluice to AWS: the key pair for playback, the stacks, the database's migrations, the page.
Credentials and account are those of the AWS SDK's default chain (AWS_PROFILE, environment, …).
The ffmpeg layer must be assembled first: node layers/ffmpeg/assemble.mjs linux-arm64

  --issuer URL     OpenID Connect issuer whose tokens the API takes
  --audience AUD   audience (aud) that these tokens carry
  --client-id ID   client of the page at the issuer (authorization code with PKCE)
  --region R       default AWS_REGION
  --help           this text
`;

const argumentsSchema = z.strictObject({
  issuer: z.url(),
  audience: z.string().min(1),
  "client-id": z.string().min(1),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/),
});

export type DeployArguments = z.infer<typeof argumentsSchema>;

/** @returns undefined when only the help is wanted @throws CommandError invalid-arguments */
export function parseDeployArguments(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
): DeployArguments | undefined {
  const flag = { type: "string" } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: [...argv],
      strict: true,
      options: {
        issuer: flag,
        audience: flag,
        "client-id": flag,
        region: flag,
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw invalid(error instanceof Error ? (error.message.split(". ")[0] ?? "") : String(error));
  }
  const { help, ...given } = values;
  if (help) return undefined;
  const parsed = argumentsSchema.safeParse({ region: environment.AWS_REGION, ...given });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw invalid(`--${issue?.path.join(".")}: ${issue?.message}`);
}

function invalid(reason: string): CommandError {
  return new CommandError(
    "invalid-arguments",
    `${reason}; \`npm run deploy -- --help\` lists the options.`,
  );
}
