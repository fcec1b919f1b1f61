import { z } from "zod";
import { pathId } from "../platform/http/path-id.ts";

export const linkPath = z.strictObject({ videoId: pathId, linkId: pathId });
