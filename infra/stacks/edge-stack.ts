import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { FrontDoor } from "../constructs/front-door.ts";
import type { SluiceApi } from "../constructs/rest-api.ts";
import type { Target } from "../targets.ts";
import type { StorageStack } from "./storage-stack.ts";

export interface EdgeStackProps extends StackProps {
  readonly target: Target;
  readonly storage: StorageStack;
  readonly api: SluiceApi;
}

export class EdgeStack extends Stack {
  constructor(scope: Construct, id: string, props: EdgeStackProps) {
    super(scope, id, props);
    const { api, storage, target } = props;
    const { playbackKeyGroup: viewers, linkStore } = storage;
    if (!viewers || !linkStore) {
      throw new Error("An edge needs the key group and the link store of the storage stack.");
    }
    const { distribution } = new FrontDoor(this, "FrontDoor", {
      target,
      webBucket: storage.webBucket,
      mediaBucket: storage.mediaBucket,
      api,
      viewers,
      linkStore,
    });
    new CfnOutput(this, "DistributionId", { value: distribution.distributionId });
    new CfnOutput(this, "DistributionDomainName", { value: distribution.distributionDomainName });
  }
}
