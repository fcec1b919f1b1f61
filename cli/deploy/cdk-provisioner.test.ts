import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cdkProvisioner } from "./cdk-provisioner.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "sluice-cdk-"));
});
afterEach(() => rm(root, { recursive: true }));

/** In the place of the CDK, whose account is not to be had in a test: answers with its arguments. */
async function cdkThat(code: string): Promise<string> {
  const file = join(root, "cdk.mjs");
  await writeFile(
    file,
    `import { writeFileSync } from "node:fs";
     const args = process.argv.slice(2);
     const outputs = args[args.indexOf("--outputs-file") + 1];
     ${code}`,
  );
  return file;
}

describe("provisioning by the CDK's command line", () => {
  test("hands every parameter to its stack and gives back the outputs by stack", async () => {
    const cdk = await cdkThat(
      `writeFileSync(outputs, JSON.stringify({ "Sluice-App": { Arguments: args.join("\\n") } }));`,
    );

    const outputs = await cdkProvisioner({ root, target: "aws", cdk }).provision({
      "Sluice-Storage": { PlaybackPublicKey: "-----BEGIN\nKEY" },
      "Sluice-App": { TokenIssuer: "https://issuer.example" },
    });

    expect(outputs["Sluice-App"]?.Arguments).toContain("--context\ntarget=aws");
    expect(outputs["Sluice-App"]?.Arguments).toContain(
      "Sluice-Storage:PlaybackPublicKey=-----BEGIN\nKEY",
    );
    expect(outputs["Sluice-App"]?.Arguments).toContain(
      "Sluice-App:TokenIssuer=https://issuer.example",
    );
  });

  test("a deployment that fails is one sentence, and says that it can go on", async () => {
    const cdk = await cdkThat("process.exit(3);");

    const provisioning = cdkProvisioner({ root, target: "aws", cdk }).provision({});

    await expect(provisioning).rejects.toMatchObject({ code: "provisioning-failed" });
  });
});
