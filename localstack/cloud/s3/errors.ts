import { AwsError } from "../aws-error.ts";

export function noSuchBucket(bucket: string): AwsError {
  return new AwsError("NoSuchBucket", "The specified bucket does not exist", 404, {
    BucketName: bucket,
  });
}

export function noSuchKey(key: string): AwsError {
  return new AwsError("NoSuchKey", "The specified key does not exist.", 404, { Key: key });
}

export function noSuchUpload(uploadId: string): AwsError {
  return new AwsError(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    404,
    { UploadId: uploadId },
  );
}

export function preconditionFailed(condition: string): AwsError {
  return new AwsError(
    "PreconditionFailed",
    "At least one of the pre-conditions you specified did not hold",
    412,
    { Condition: condition },
  );
}

export function invalidArgument(name: string, value: string, message: string): AwsError {
  return new AwsError("InvalidArgument", message, 400, {
    ArgumentName: name,
    ArgumentValue: value,
  });
}

export function invalidRequest(message: string): AwsError {
  return new AwsError("InvalidRequest", message);
}

/** As on every bucket of AWS since 2023: Object Ownership is "bucket owner enforced". */
export function aclsAreOff(): AwsError {
  return new AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs");
}

export function notImplemented(what: string): AwsError {
  return new AwsError("NotImplemented", `${what} is not implemented by this cloud.`, 501);
}
