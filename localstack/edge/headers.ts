/** Of an answer: by name in lower case, with a list where a name has several lines. */
export type Headers = Map<string, string | readonly string[]>;
