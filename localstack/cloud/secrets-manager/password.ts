import { AwsError } from "../aws-error.ts";

/** The options of `GenerateSecretString` that shape the password. Absent ones have AWS's defaults. */
export interface PasswordRules {
  readonly PasswordLength?: number | undefined;
  readonly ExcludeCharacters?: string | undefined;
  readonly ExcludeLowercase?: boolean | undefined;
  readonly ExcludeUppercase?: boolean | undefined;
  readonly ExcludeNumbers?: boolean | undefined;
  readonly ExcludePunctuation?: boolean | undefined;
  readonly IncludeSpace?: boolean | undefined;
  readonly RequireEachIncludedType?: boolean | undefined;
}

/**
 * Makes a password.
 * https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html
 *
 * @param randomInt a whole number from 0 up to, not including, its argument; not to be guessed
 * @throws AwsError InvalidParameterException when the rules leave nothing to choose from
 */
export function generatePassword(rules: PasswordRules, randomInt: (max: number) => number): string {
  const length = rules.PasswordLength ?? 32;
  const excluded = new Set(rules.ExcludeCharacters);
  const types = [
    rules.ExcludeLowercase ? "" : "abcdefghijklmnopqrstuvwxyz",
    rules.ExcludeUppercase ? "" : "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    rules.ExcludeNumbers ? "" : "0123456789",
    rules.ExcludePunctuation ? "" : "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    rules.IncludeSpace ? " " : "",
  ]
    .map((characters) => [...characters].filter((character) => !excluded.has(character)))
    .filter((characters) => characters.length > 0);
  const all = types.flat();
  if (all.length === 0) throw invalid("The rules leave no character to make a password of.");

  const required = (rules.RequireEachIncludedType ?? true) ? types : [];
  if (required.length > length) {
    throw invalid("The password is too short to hold a character of each type.");
  }
  const pick = (from: readonly string[]) => from[randomInt(from.length)] ?? "";
  const picked = [
    ...required.map(pick),
    ...Array.from({ length: length - required.length }, () => pick(all)),
  ];
  return shuffle(picked, randomInt).join("");
}

/** Fisher and Yates: the characters that had to be there must not stand at the front. */
function shuffle(items: readonly string[], randomInt: (max: number) => number): string[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last -= 1) {
    const other = randomInt(last + 1);
    const moved = shuffled[last] ?? "";
    shuffled[last] = shuffled[other] ?? "";
    shuffled[other] = moved;
  }
  return shuffled;
}

function invalid(message: string): AwsError {
  return new AwsError("InvalidParameterException", message);
}
