import { createHash } from "node:crypto";

/**
 * A name as CloudFormation makes one, `Stack-LogicalId-SUFFIX`. The suffix comes from the two names,
 * so that a resource that was retained is found again when it comes back to the template.
 */
export function generatedName(stackName: string, logicalId: string, maxLength = 255): string {
  const suffix = createHash("sha256")
    .update(`${stackName}/${logicalId}`)
    .digest("hex")
    .slice(0, 12)
    .toUpperCase();
  const room = maxLength - suffix.length - 2;
  const idLength = Math.min(
    logicalId.length,
    Math.max(Math.ceil(room / 2), room - stackName.length),
  );
  const stack = stackName.slice(0, Math.max(0, room - idLength)).replace(/-+$/, "");
  return [stack, logicalId.slice(0, idLength), suffix].filter(Boolean).join("-");
}

/** An id as EC2 makes one, for example `vpc-0a1b2c3d4e5f60718`. */
export function generatedId(prefix: string, stackName: string, logicalId: string): string {
  const hash = createHash("sha256").update(`${prefix}/${stackName}/${logicalId}`).digest("hex");
  return `${prefix}-0${hash.slice(0, 16)}`;
}
