import { randomBytes } from "node:crypto";
import type { Credentials } from "../context.ts";
import { readSetting, writeSetting } from "./settings.ts";
import type { State } from "./state.ts";

/** The one pair of keys of this data directory, made at first start. */
export function localCredentials(state: State): Credentials {
  return state.transaction(() => {
    const accessKeyId = readSetting(state, "accessKeyId");
    const secretAccessKey = readSetting(state, "secretAccessKey");
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };

    const made = {
      // Not AKIA: these keys open nothing at AWS and must not look to a scanner as if they did.
      accessKeyId: `LKIA${base32(16)}`,
      secretAccessKey: randomBytes(30).toString("base64"),
    };
    writeSetting(state, "accessKeyId", made.accessKeyId);
    writeSetting(state, "secretAccessKey", made.secretAccessKey);
    return made;
  });
}

function base32(length: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return Array.from(randomBytes(length), (byte) => alphabet[byte % alphabet.length]).join("");
}
