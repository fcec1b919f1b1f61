import { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import { allowDatabase } from "./database-access.ts";
import { allowLinks, allowRevoking } from "./path-token-links.ts";
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
    const { api, links, target } = props;
    const common = { target, capability: "delivery" };
    const start = new ApiFunction(this, "StartPlayback", {
      ...common,
      name: "start-playback",
      description: "Hands out the cookies that open a video",
    });
    api.route("POST", "/videos/{videoId}/playback", start);
    allowSigning(props.playback, start);

    const create = new ApiFunction(this, "CreateLink", {
      ...common,
      name: "create-link",
      description: "Makes a link by which any player reaches a video",
    });
    api.route("POST", "/videos/{videoId}/links", create);
    const list = new ApiFunction(this, "ListLinks", {
      ...common,
      name: "list-links",
      description: "Lists the links to a video",
    });
    api.route("GET", "/videos/{videoId}/links", list);
    const revoke = new ApiFunction(this, "RevokeLink", {
      ...common,
      name: "revoke-link",
      description: "Ends a link before its time",
    });
    api.route("DELETE", "/videos/{videoId}/links/{linkId}", revoke);
    const getPublic = new ApiFunction(this, "GetPublicVideo", {
      ...common,
      name: "get-public-video",
      description: "Shows a public video to anybody",
    });
    api.openRoute("/public/videos/{videoId}", getPublic);
    const playPublic = new ApiFunction(this, "PlayPublicVideo", {
      ...common,
      name: "play-public-video",
      description: "Leads any player to a public video",
    });
    api.openRoute("/public/videos/{videoId}/master.m3u8", playPublic);

    allowLinks(links, create, list, getPublic, playPublic);
    allowRevoking(links, revoke);
    allowDatabase(props.database, start, create, list, revoke, getPublic, playPublic);
  }
}
