import { z } from "zod";

/**
 * The environment of a function, checked. Other variables are let through: Lambda sets many.
 *
 * @throws Error naming each variable that is missing or wrong, without its value
 */
export const readEnvironment = <S extends z.ZodRawShape>(
  shape: S,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): z.infer<z.ZodObject<S>> => {
  const result = z.object(shape).safeParse(environment);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`The function's environment is wrong. ${faults.join("; ")}`);
};
