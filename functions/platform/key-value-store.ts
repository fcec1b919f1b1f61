import "@aws-sdk/signature-v4a";
import { CloudFrontKeyValueStoreClient } from "@aws-sdk/client-cloudfront-keyvaluestore";

/**
 * A client of CloudFront's key value stores. By itself the SDK puts the account before the host of
 * any endpoint, which makes no address out of an address of numbers: where another endpoint is set,
 * it is taken as it is.
 *
 * @param endpoint default: what the environment says (AWS SDKs and Tools guide, "Service-specific endpoints")
 */
export const createKeyValueStoreClient = (
  endpoint: string | undefined = process.env.AWS_ENDPOINT_URL_CLOUDFRONT_KEYVALUESTORE ??
    process.env.AWS_ENDPOINT_URL,
): CloudFrontKeyValueStoreClient =>
  new CloudFrontKeyValueStoreClient(
    endpoint === undefined ? {} : { endpointProvider: () => ({ url: new URL(endpoint) }) },
  );
