import { z } from "zod";

export const uploadPath = z.strictObject({ uploadId: z.uuid() });
