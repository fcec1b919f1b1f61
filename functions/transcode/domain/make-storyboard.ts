import type { Encoder } from "../ports.ts";
import type { DeliveryPorts } from "./delivery.ts";
import type { CommitRequest, StoryboardGrant, UploadLink } from "./office.ts";
import { storyboardOf, storyboardText } from "./storyboard.ts";

/** Makes the storyboard of a video whose pictures are all there, and answers what to claim. */
export const makeStoryboard = async (
  { encoder, transfer, digest }: DeliveryPorts & { readonly encoder: Encoder },
  grant: StoryboardGrant,
  signal: AbortSignal,
): Promise<CommitRequest["storyboard"]> => {
  const storyboard = storyboardOf(grant.plan, grant.totalFrames);
  if (!storyboard) throw new Error("The plan has no pictures.");
  const sheets = await encoder.makeStoryboard(storyboard, grant.movie, signal);
  if (sheets.length !== grant.sheets.length)
    throw new Error(`The encoder made ${sheets.length} sheets, not ${grant.sheets.length}.`);

  const send = async (link: UploadLink | undefined, bytes: Uint8Array) => {
    if (!link) throw new Error("There is no link for a sheet.");
    await transfer.put(link, bytes, signal);
    return { bytes: bytes.length, md5: digest("md5", bytes) };
  };
  return {
    sheets: await Promise.all(sheets.map((bytes, index) => send(grant.sheets[index], bytes))),
    text: await send(grant.text, new TextEncoder().encode(storyboardText(storyboard))),
  };
};
