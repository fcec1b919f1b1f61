import { KeyGroup, PublicKey } from "aws-cdk-lib/aws-cloudfront";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";
import type { ServiceFunction } from "./service-function.ts";

/** The public half of the pair that signs playback. */
export class PlaybackKeyGroup extends Construct {
  readonly keyPairId: string;
  readonly keyGroup: KeyGroup;

  constructor(scope: Construct, id: string, props: { readonly publicKey: string }) {
    super(scope, id);
    const publicKey = new PublicKey(this, "PublicKey", { encodedKey: props.publicKey });
    this.keyPairId = publicKey.publicKeyId;
    this.keyGroup = new KeyGroup(this, "KeyGroup", { items: [publicKey] });
  }
}

/** What a function needs to sign. */
export interface PlaybackSigner {
  readonly keyPairId: string;
  readonly privateKeySecretArn: string;
}

export function allowSigning(
  signer: PlaybackSigner,
  ...functions: readonly ServiceFunction[]
): void {
  for (const each of functions) {
    each.addEnvironment("PLAYBACK_KEY_PAIR_ID", signer.keyPairId);
    each.addEnvironment("PLAYBACK_PRIVATE_KEY_SECRET_ARN", signer.privateKeySecretArn);
    each.allow(
      new PolicyStatement({
        actions: ["secretsmanager:GetSecretValue"],
        resources: [signer.privateKeySecretArn],
      }),
    );
  }
}
