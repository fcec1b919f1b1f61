import { AwsError } from "../../aws-error.ts";
import type { Operation } from "../environment.ts";
import { notImplemented } from "../errors.ts";
import type { S3Request } from "../request.ts";
import { getAcl, putAcl } from "./acl.ts";
import { bucketProbes, getObjectTagging } from "./bucket-defaults.ts";
import {
  getBucketCors,
  getBucketLifecycle,
  getBucketLocation,
  getBucketNotification,
  getBucketPolicy,
  getBucketVersioning,
} from "./bucket-settings.ts";
import { createBucket, deleteBucket, headBucket, listBuckets } from "./buckets.ts";
import { completeMultipartUpload } from "./complete-multipart.ts";
import { copyObject } from "./copy-object.ts";
import { deleteObject, deleteObjects } from "./delete-objects.ts";
import { getObject } from "./get-object.ts";
import { listObjectVersions } from "./list-object-versions.ts";
import { listObjectsV1, listObjectsV2 } from "./list-objects.ts";
import {
  abortMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from "./multipart.ts";
import { putObject } from "./put-object.ts";
import { uploadPartCopy } from "./upload-part-copy.ts";

/** Query names that choose an operation. One that is not in the tables below is refused, never ignored. */
const subresources = [
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "cors",
  "delete",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "location",
  "logging",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "renameObject",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "session",
  "tagging",
  "torrent",
  "uploadId",
  "uploads",
  "versioning",
  "versions",
  "website",
];

/** By method and subresource; without one, the bare method. */
const bucketOperations: Readonly<Record<string, Operation>> = {
  HEAD: headBucket,
  PUT: createBucket,
  DELETE: deleteBucket,
  ...bucketProbes,
  "GET acl": getAcl,
  "PUT acl": putAcl,
  "GET cors": getBucketCors,
  "GET lifecycle": getBucketLifecycle,
  "GET location": getBucketLocation,
  "GET notification": getBucketNotification,
  "GET policy": getBucketPolicy,
  "GET uploads": listMultipartUploads,
  "GET versioning": getBucketVersioning,
  "GET versions": listObjectVersions,
  "POST delete": deleteObjects,
};

const objectOperations: Readonly<Record<string, Operation>> = {
  GET: getObject,
  HEAD: getObject,
  PUT: putObject,
  DELETE: deleteObject,
  "GET acl": getAcl,
  "PUT acl": putAcl,
  "GET tagging": getObjectTagging,
  "GET uploadId": listParts,
  "PUT uploadId": uploadPart,
  "POST uploads": createMultipartUpload,
  "POST uploadId": completeMultipartUpload,
  "DELETE uploadId": abortMultipartUpload,
};

/** @throws AwsError NotImplemented, MethodNotAllowed */
export function operationOf(request: S3Request): Operation {
  const { method } = request;
  if (request.bucket === "") {
    if (method === "GET") return listBuckets;
    throw methodNotAllowed(method);
  }
  const subresource = subresources.find((name) => request.has(name));
  const name = subresource === undefined ? method : `${method} ${subresource}`;
  if (request.key === "") {
    if (name === "GET") {
      return request.query("list-type") === "2" ? listObjectsV2 : listObjectsV1;
    }
    const operation = bucketOperations[name];
    if (operation) return operation;
  } else {
    if (request.header("x-amz-copy-source") !== undefined) {
      if (name === "PUT") return copyObject;
      if (name === "PUT uploadId") return uploadPartCopy;
    }
    const operation = objectOperations[name];
    if (operation) return operation;
  }
  throw subresource === undefined ? methodNotAllowed(method) : notImplemented(`${name} of S3`);
}

function methodNotAllowed(method: string): AwsError {
  return new AwsError(
    "MethodNotAllowed",
    "The specified method is not allowed against this resource.",
    405,
    { Method: method },
  );
}
