import { z } from "zod";

// Compiled parsers need eval, which a strict Content-Security-Policy forbids. zod tries it when the
// first schema is made, so that this module must be imported before any schema.
z.config({ jitless: true });
