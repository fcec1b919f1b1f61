import { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import { allowDatabase } from "./database-access.ts";
import { allowSigning } from "./playback-key.ts";
import type { Resources } from "./resources.ts";
import type { SluiceApi } from "./rest-api.ts";

export interface DeliveryFunctionsProps extends Resources {
  readonly api: SluiceApi;
}

/** Who may watch. */
export class DeliveryFunctions extends Construct {
  constructor(scope: Construct, id: string, props: DeliveryFunctionsProps) {
    super(scope, id);
    const start = new ApiFunction(this, "StartPlayback", {
      target: props.target,
      capability: "delivery",
      name: "start-playback",
      description: "Hands out the cookies that open a video",
    });
    props.api.route("POST", "/videos/{videoId}/playback", start);
    allowDatabase(props.database, start);
    allowSigning(props.playback, start);
  }
}
