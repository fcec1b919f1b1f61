import type { CommandUnknownOpts } from "@commander-js/extra-typings";

/** What shells complete, read from the table of verbs. */
export interface VerbWords {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly OptionWords[];
  /** What its arguments are. */
  readonly operands: "files" | "none" | readonly string[];
}

export interface OptionWords {
  /** `--json`, `-y`. */
  readonly flags: readonly string[];
  readonly summary: string;
  /** What follows it; undefined when nothing does. */
  readonly value: "file" | "text" | readonly string[] | undefined;
  /** The value may be left out, and is then written with `=`. */
  readonly optional: boolean;
}

type Program = Pick<CommandUnknownOpts, "commands" | "options">;

export function verbWords(program: Program): VerbWords[] {
  const common = program.options.filter(({ long }) => long !== "--version").map(optionWords);
  const verbs = program.commands.map((verb): VerbWords => {
    const [argument] = verb.registeredArguments;
    const takesFiles = /^(FILE|UPLOAD)$/.test(argument?.name() ?? "");
    return {
      name: verb.name(),
      summary: verb.description(),
      options: [...verb.options.map(optionWords), ...common, helpOption],
      operands: takesFiles ? "files" : (argument?.argChoices ?? "none"),
    };
  });
  const names = verbs.map(({ name }) => name);
  return [
    ...verbs,
    { name: "help", summary: "print the help of a verb", options: [], operands: names },
  ];
}

const helpOption: OptionWords = {
  flags: ["--help", "-h"],
  summary: "print help",
  value: undefined,
  optional: false,
};

function optionWords(option: CommandUnknownOpts["options"][number]): OptionWords {
  const takesValue = option.required || option.optional;
  const kind = option.name().endsWith("-file") ? "file" : "text";
  return {
    flags: [option.long, option.short].flatMap((flag) => flag ?? []),
    summary: option.description,
    value: takesValue ? (option.argChoices ?? kind) : undefined,
    optional: option.optional,
  };
}
