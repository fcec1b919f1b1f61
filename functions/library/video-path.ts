import { z } from "zod";

export const videoPath = z.strictObject({ videoId: z.uuid() });
