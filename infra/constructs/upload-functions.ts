import { Construct } from "constructs";
import { ApiFunction } from "./api-function.ts";
import { allowDatabase } from "./database-access.ts";
import type { Resources } from "./resources.ts";
import type { SluiceApi } from "./rest-api.ts";
import { listing, onObjects } from "./rights.ts";
import { allowAnnouncing } from "./webhook-functions.ts";

export interface UploadFunctionsProps extends Resources {
  readonly api: SluiceApi;
  /** Address of S3 as the uploader sees it, where that differs from what functions see. */
  readonly publicS3Endpoint: string | undefined;
}

/** Multipart uploads: our functions sign and keep the books, the bytes go straight to S3. */
export class UploadFunctions extends Construct {
  constructor(scope: Construct, id: string, props: UploadFunctionsProps) {
    super(scope, id);
    const { api, sourceBucket, target } = props;
    const sourceLimit = { MAX_SOURCE_BYTES: String(target.maxSourceBytes) };
    const common = {
      target,
      capability: "upload",
      environment: { SOURCE_BUCKET: sourceBucket.bucketName },
    };

    const create = new ApiFunction(this, "CreateUpload", {
      ...common,
      name: "create-upload",
      description: "Starts an upload",
      environment: {
        ...common.environment,
        ...sourceLimit,
        DEFAULT_DISPATCH: target.defaultDispatch,
      },
    });
    create.allow(onObjects(sourceBucket, "sources/", "s3:PutObject", "s3:AbortMultipartUpload"));
    api.route("POST", "/uploads", create);

    const sign = new ApiFunction(this, "SignParts", {
      ...common,
      name: "sign-parts",
      description: "Signs links for parts of an upload",
      environment: {
        ...common.environment,
        ...sourceLimit,
        ...(props.publicS3Endpoint && { PUBLIC_S3_ENDPOINT: props.publicS3Endpoint }),
      },
    });
    sign.allow(onObjects(sourceBucket, "sources/", "s3:PutObject"));
    api.route("POST", "/uploads/{uploadId}/parts/sign", sign);

    const list = new ApiFunction(this, "ListParts", {
      ...common,
      name: "list-parts",
      description: "Lists the parts of an upload that have arrived",
    });
    list.allow(onObjects(sourceBucket, "sources/", "s3:ListMultipartUploadParts"));
    api.route("GET", "/uploads/{uploadId}/parts", list);

    const complete = new ApiFunction(this, "CompleteUpload", {
      ...common,
      name: "complete-upload",
      description: "Joins the parts of an upload",
    });
    complete.allow(
      onObjects(
        sourceBucket,
        "sources/",
        "s3:PutObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
      ),
      listing(sourceBucket),
    );
    allowAnnouncing(props, complete);
    api.route("POST", "/uploads/{uploadId}/complete", complete);

    const abort = new ApiFunction(this, "AbortUpload", {
      ...common,
      name: "abort-upload",
      description: "Gives an upload up",
    });
    abort.allow(
      // It looks whether the file has been completed meanwhile.
      onObjects(sourceBucket, "sources/", "s3:AbortMultipartUpload", "s3:GetObject"),
      listing(sourceBucket),
    );
    api.route("DELETE", "/uploads/{uploadId}", abort);

    allowDatabase(props.database, create, sign, list, complete, abort);
  }
}
