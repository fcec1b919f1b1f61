import { S3ServiceException } from "@aws-sdk/client-s3";

export const isStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  error instanceof S3ServiceException && statuses.includes(error.$metadata.httpStatusCode ?? 0);

/** The answer, or undefined where there is no such object. */
export const unlessMissing = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (isStatus(error, 404)) return undefined;
    throw error;
  }
};

/** S3 writes quotes around it. */
export const plainEtag = (etag: string | undefined): string => (etag ?? "").replaceAll('"', "");
