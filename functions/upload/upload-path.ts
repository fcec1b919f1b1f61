import { z } from "zod";
import { pathId } from "../platform/http/path-id.ts";

export const uploadPath = z.strictObject({ uploadId: pathId });
