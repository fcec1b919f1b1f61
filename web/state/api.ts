import { SluiceApi } from "@sluice/client";
import { loadConfig, token } from "./session.ts";

let api: Promise<SluiceApi> | undefined;
let pollingApi: Promise<SluiceApi> | undefined;

/** For what a person asked for: worth trying again for half a minute. */
export function getApi(): Promise<SluiceApi> {
  api ??= connect().catch((error) => {
    api = undefined;
    throw error;
  });
  return api;
}

/** For polling, which comes again by itself: no retries of its own. */
export function getPollingApi(): Promise<SluiceApi> {
  pollingApi ??= connect({ retries: 0, minDelayMs: 0, maxDelayMs: 0, maxRetryAfterMs: 0 }).catch(
    (error) => {
      pollingApi = undefined;
      throw error;
    },
  );
  return pollingApi;
}

async function connect(
  retry?: ConstructorParameters<typeof SluiceApi>[0]["retry"],
): Promise<SluiceApi> {
  const { api: baseUrl } = await loadConfig();
  // A method of window must be called on window.
  const request: typeof fetch = (input, init) => fetch(input, init);
  return new SluiceApi({ baseUrl, token, fetch: request, ...(retry && { retry }) });
}
