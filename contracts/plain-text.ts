import { z } from "zod";

/** Text a person sees: no control character, which no database or header takes. */
export const plainText = (maxLength: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "Control characters are not allowed.");
