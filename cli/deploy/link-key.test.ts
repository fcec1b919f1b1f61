import {
  type CloudFrontKeyValueStoreClient,
  ConflictException,
  GetKeyCommand,
  PutKeyCommand,
  ResourceNotFoundException,
} from "@aws-sdk/client-cloudfront-keyvaluestore";
import { PutSecretValueCommand, type SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { describe, expect, test } from "vitest";
import { publishLinkKey } from "./link-key.ts";

/** A store and a secret that answer as AWS does; both ends are tested for real in test/. */
function environment(stored: string | undefined) {
  const state = { stored, puts: 0, secret: undefined as string | undefined };
  const keyValueStores = {
    async send(command: unknown) {
      if (command instanceof GetKeyCommand) {
        if (state.stored !== undefined) return { Value: state.stored };
        throw new ResourceNotFoundException({ message: "none", $metadata: {} });
      }
      if (!(command instanceof PutKeyCommand)) return { ETag: "1" };
      if (command.input.IfMatch !== "1") {
        throw new ConflictException({ message: "changed", $metadata: {} });
      }
      state.puts += 1;
      state.stored = command.input.Value;
      return {};
    },
  } as unknown as CloudFrontKeyValueStoreClient;
  const secrets = {
    async send(command: unknown) {
      if (command instanceof PutSecretValueCommand) state.secret = command.input.SecretString;
      return {};
    },
  } as unknown as SecretsManagerClient;
  const publish = (text: string, isNew: boolean) =>
    publishLinkKey({ secrets, keyValueStores }, "arn", { arn: "secret", text, isNew });
  return { state, publish };
}

describe("the key of playback links", () => {
  test("that was just made is told to the edge", async () => {
    const { state, publish } = environment(undefined);

    await publish("new", true);

    expect(state).toEqual({ stored: "new", puts: 1, secret: undefined });
  });

  test("that the edge knows is left alone", async () => {
    const { state, publish } = environment("same");

    await publish("same", false);

    expect(state.puts).toBe(0);
  });

  test("that was replaced in Secrets Manager replaces the edge's", async () => {
    const { state, publish } = environment("old");

    await publish("new", false);

    expect(state).toEqual({ stored: "new", puts: 1, secret: undefined });
  });

  test("is another one when the store is new and links may have been revoked before", async () => {
    const { state, publish } = environment(undefined);

    await publish("old", false);

    expect(state.stored).not.toBe("old");
    expect(state.stored).toMatch(/^[\w-]{43}$/);
    expect(state.secret).toBe(state.stored);
  });
});
