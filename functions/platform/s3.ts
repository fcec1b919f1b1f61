import { S3Client } from "@aws-sdk/client-s3";

/**
 * A client whose links carry no checksum of a body it never sees: by default the SDK would bind
 * them to the CRC32 of nothing.
 *
 * @param endpoint where browsers and players reach S3, when that differs from where functions do;
 *   addressed by path, since a host of its own for every bucket is an ability of AWS
 */
export const createS3Client = (endpoint?: string): S3Client =>
  new S3Client({
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
  });
