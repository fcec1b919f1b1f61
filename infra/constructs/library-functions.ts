import { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import { allowDatabase } from "./database-access.ts";
import { allowRevoking } from "./path-token-links.ts";
import { allowSigning } from "./playback-key.ts";
import type { Resources } from "./resources.ts";
import type { SluiceApi } from "./rest-api.ts";
import { listing, onObjects } from "./rights.ts";

export interface LibraryFunctionsProps extends Resources {
  readonly api: SluiceApi;
}

/** An owner's videos. */
export class LibraryFunctions extends Construct {
  constructor(scope: Construct, id: string, props: LibraryFunctionsProps) {
    super(scope, id);
    const { api, mediaBucket, sourceBucket, target } = props;
    const common = { target, capability: "library" };

    const list = new ApiFunction(this, "ListVideos", {
      ...common,
      name: "list-videos",
      description: "Lists videos",
    });
    api.route("GET", "/videos", list);

    const get = new ApiFunction(this, "GetVideo", {
      ...common,
      name: "get-video",
      description: "Tells how a video is getting on",
    });
    api.route("GET", "/videos/{videoId}", get);

    const update = new ApiFunction(this, "UpdateVideo", {
      ...common,
      name: "update-video",
      description: "Changes title and visibility of a video",
    });
    api.route("PATCH", "/videos/{videoId}", update);

    const remove = new ApiFunction(this, "DeleteVideo", {
      ...common,
      name: "delete-video",
      description: "Deletes everything of a video",
      environment: {
        SOURCE_BUCKET: sourceBucket.bucketName,
        MEDIA_BUCKET: mediaBucket.bucketName,
      },
    });
    remove.allow(
      onObjects(sourceBucket, "sources/", "s3:DeleteObject", "s3:AbortMultipartUpload"),
      onObjects(mediaBucket, "videos/", "s3:DeleteObject"),
      listing(mediaBucket),
    );
    api.route("DELETE", "/videos/{videoId}", remove);

    allowDatabase(props.database, list, get, update, remove);
    // Posters are signed too.
    allowSigning(props.playback, list, get, update);
    // A video that becomes private, or goes, takes its links with it.
    allowRevoking(props.links, update, remove);
  }
}
