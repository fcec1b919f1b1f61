import { z } from "zod";
import { pathId } from "../platform/http/path-id.ts";

export const webhookPath = z.strictObject({ webhookId: pathId });
export const deliveryPath = z.strictObject({ webhookId: pathId, eventId: pathId });
