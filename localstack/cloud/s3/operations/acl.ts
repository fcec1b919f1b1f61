import { z } from "zod";
import type { S3Environment } from "../environment.ts";
import { aclsAreOff, noSuchKey } from "../errors.ts";
import type { S3Request } from "../request.ts";
import { parseXml } from "../xml.ts";

const largestBody = 64 * 1024;

const aclSchema = z.object({
  AccessControlList: z.object({
    Grant: z.array(
      z.object({ Grantee: z.object({ ID: z.string().optional() }), Permission: z.string() }),
    ),
  }),
});

/** ACLs are off; reading one still tells that the owner may do everything. */
export async function getAcl(environment: S3Environment, request: S3Request): Promise<void> {
  checkTarget(environment, request);
  const { accountId } = environment.context;
  const body = `<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner><ID>${accountId}</ID></Owner><AccessControlList><Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>${accountId}</ID></Grantee><Permission>FULL_CONTROL</Permission></Grant></AccessControlList></AccessControlPolicy>`;
  request.exchange.response.setHeader("content-type", "application/xml");
  request.exchange.response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}

/**
 * Takes an ACL that says what holds anyway, since clients write back what they have read.
 * @throws AwsError AccessControlListNotSupported for any other
 */
export async function putAcl(environment: S3Environment, request: S3Request): Promise<void> {
  checkTarget(environment, request);
  // A canned one was judged with the other headers.
  if (request.header("x-amz-acl") === undefined) {
    const body = await request.exchange.body(largestBody);
    const acl = parseXml(body, "AccessControlPolicy", ["Grant"], aclSchema);
    const { accountId } = environment.context;
    const grantsMore = acl.AccessControlList.Grant.some(
      ({ Grantee, Permission }) => Grantee.ID !== accountId || Permission !== "FULL_CONTROL",
    );
    if (grantsMore) throw aclsAreOff();
  }
  request.exchange.response.end();
}

function checkTarget(environment: S3Environment, { bucket, key }: S3Request): void {
  environment.buckets.get(bucket);
  if (key !== "" && !environment.objects.find(bucket, key)) throw noSuchKey(key);
}
