import { z } from "zod";
import { pathId } from "../platform/http/path-id.ts";

export const videoPath = z.strictObject({ videoId: pathId });
