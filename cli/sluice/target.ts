import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { SluiceApi } from "@sluice/client";
import { type WebConfig, webConfigSchema } from "@sluice/contracts";
import { CommandError } from "../errors.ts";
import { defaultPort } from "../start-arguments.ts";

/** A running Sluice, wherever it is. */
export interface Target {
  /** Origin of the page. */
  readonly web: string;
  readonly apiUrl: string;
  readonly api: SluiceApi;
  readonly token: () => Promise<string>;
  /** Directory of the uploads to this target that were interrupted. */
  readonly resumeDir: string;
}

export interface TargetSettings {
  /** Address of the page, any path of it. */
  readonly url: string | undefined;
  readonly tokenFile: string | undefined;
  /** SLUICE_TOKEN, XDG_STATE_HOME. */
  readonly environment: NodeJS.ProcessEnv;
}

export const defaultUrl = `http://127.0.0.1:${defaultPort}`;
const configTimeoutMs = 10_000;

/**
 * Asks the page's own configuration where the API is and who gives tokens.
 * @throws CommandError invalid-arguments, not-running, not-sluice, token-missing, file-unreadable
 */
export async function openTarget(settings: TargetSettings): Promise<Target> {
  const web = originOf(settings.url ?? defaultUrl, "--url");
  const config = await readConfig(web);
  const apiUrl = apiAddress(config, web);
  const token = await tokenSource(settings, web, config);
  const api = new SluiceApi({ baseUrl: apiUrl, token });
  return { web, apiUrl, api, token: () => token(false), resumeDir: resumeDirOf(settings, apiUrl) };
}

/** @throws CommandError not-running, not-sluice */
export async function readConfig(web: string): Promise<WebConfig> {
  const signal = AbortSignal.timeout(configTimeoutMs);
  let answer: Response;
  try {
    answer = await fetch(`${web}/config.json`, { signal });
  } catch {
    throw new CommandError(
      "not-running",
      `Nothing answers at ${web}: start Sluice with \`npm start\`, or name another one with --url or SLUICE_URL.`,
    );
  }
  const config = webConfigSchema.safeParse(await answer.json().catch(() => undefined));
  if (answer.ok && config.success) return config.data;
  throw new CommandError(
    "not-sluice",
    `${web} answers, but is no Sluice: there is no /config.json of its page. Check --url or SLUICE_URL.`,
  );
}

/** @throws CommandError invalid-arguments */
export function originOf(address: string, option: string): string {
  const url = URL.parse(address);
  if (!url || !["http:", "https:"].includes(url.protocol) || url.username || url.password) {
    throw new CommandError(
      "invalid-arguments",
      `${option} takes the address of a page, such as https://videos.example.com, not "${address}".`,
    );
  }
  refusePlainText(url);
  return url.origin;
}

function apiAddress(config: WebConfig, web: string): string {
  const url = new URL(config.api, `${web}/`);
  refusePlainText(url);
  return url.href.replace(/\/$/, "");
}

/** A token that travels in clear is everybody's. */
function refusePlainText(url: URL): void {
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "https:" || isLoopback) return;
  throw new CommandError(
    "invalid-arguments",
    `${url.origin} would get the token in clear: use https, or an address of this machine.`,
  );
}

async function tokenSource(
  { tokenFile, environment }: TargetSettings,
  web: string,
  config: WebConfig,
): Promise<(renew: boolean) => Promise<string>> {
  if (tokenFile !== undefined) {
    // Read again at each renewal: whoever writes it may have a newer one.
    let token = await readToken(tokenFile);
    return async (renew) => {
      if (renew) token = await readToken(tokenFile);
      return token;
    };
  }
  const given = environment.SLUICE_TOKEN;
  if (given) {
    const token = checkedToken(given, "SLUICE_TOKEN");
    return async () => token;
  }
  if (config.identity.kind === "oidc") {
    throw new CommandError(
      "token-missing",
      `${web} wants a token of ${config.identity.issuer}: put it into SLUICE_TOKEN, or into a file named by --token-file.`,
    );
  }
  let { token } = config.identity;
  return async (renew) => {
    if (!renew) return token;
    const { identity } = await readConfig(web);
    if (identity.kind === "local") token = identity.token;
    return token;
  };
}

async function readToken(path: string): Promise<string> {
  let content: string;
  try {
    content = await readFile(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new CommandError("file-unreadable", `The token file "${path}" cannot be read${reason}.`);
  }
  return checkedToken(content, `The file "${path}"`);
}

/** RFC 6750, section 2.1. The token itself is never shown. */
function checkedToken(content: string, where: string): string {
  const token = content.trim();
  if (/^[\w.~+/-]+=*$/.test(token)) return token;
  throw new CommandError("token-missing", `${where} holds no token, or more than one.`);
}

function resumeDirOf({ environment }: TargetSettings, apiUrl: string): string {
  const state = environment.XDG_STATE_HOME || join(homedir(), ".local", "state");
  return join(state, "sluice", "unfinished-uploads", encodeURIComponent(apiUrl));
}
