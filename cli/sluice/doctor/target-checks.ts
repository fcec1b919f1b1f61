import { failureCode, failureMessage } from "../../journey/failure-code.ts";
import type { Target } from "../target.ts";
import type { Check } from "./check.ts";

/** Signatures allow 15 minutes (AWS: "Signature Version 4"), links and tokens less. */
const maxSkewMs = 60_000;

/** @param isChosen whether a person named this Sluice: then it must be there */
export async function targetChecks(
  open: () => Promise<Target>,
  isChosen: boolean,
  signal: AbortSignal,
): Promise<Check[]> {
  let target: Target;
  try {
    target = await open();
  } catch (error) {
    const absent = failureCode(error) === "not-running" && !isChosen;
    const status = absent ? "optional" : "missing";
    return [{ name: "Sluice", status, message: failureMessage(error) }];
  }
  const answers: Check = { name: "Sluice", status: "ok", message: `answers at ${target.web}` };
  return [answers, await tokenCheck(target, signal), await clockCheck(target, signal)];
}

async function tokenCheck({ api, apiUrl }: Target, signal: AbortSignal): Promise<Check> {
  const name = "token";
  try {
    await api.listVideos({ limit: 1 }, { signal });
    return { name, status: "ok", message: `taken by ${apiUrl}` };
  } catch (error) {
    const todo = "sign in again, and put the new token into SLUICE_TOKEN or --token-file";
    const isRefused = failureCode(error) === "unauthenticated";
    return { name, status: "missing", message: failureMessage(error), ...(isRefused && { todo }) };
  }
}

async function clockCheck({ web }: Target, signal: AbortSignal): Promise<Check> {
  const before = Date.now();
  const answer = await fetch(`${web}/config.json`, { method: "HEAD", signal }).catch(
    () => undefined,
  );
  const now = (before + Date.now()) / 2;
  return judgeClock(answer?.headers.get("date") ?? undefined, now);
}

/** RFC 9110, 6.6.1: the date of the answer, in whole seconds. */
export function judgeClock(date: string | undefined, now: number): Check {
  const name = "clock";
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) {
    return { name, status: "optional", message: "the server does not say what time it is" };
  }
  const skew = Math.round((now - theirs) / 1000);
  if (Math.abs(skew) * 1000 <= maxSkewMs) {
    return { name, status: "ok", message: "agrees with the server's" };
  }
  return {
    name,
    status: "missing",
    message: `${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} the server's`,
    todo: "set the clock: links and tokens are refused otherwise",
  };
}
