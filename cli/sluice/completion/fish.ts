import type { OptionWords, VerbWords } from "./words.ts";

/** For `npx sluice completion fish | source`, or as ~/.config/fish/completions/sluice.fish. */
export function fishCompletion(verbs: readonly VerbWords[]): string {
  const names = verbs.map(({ name }) => name).join(" ");
  return `# fish completion of sluice
complete -c sluice -f
${verbs
  .map(
    ({ name, summary }) =>
      `complete -c sluice -n 'not __fish_seen_subcommand_from ${names}' -a ${name} -d ${quote(summary)}`,
  )
  .join("\n")}
${verbs.flatMap(verbLines).join("\n")}
`;
}

function verbLines(verb: VerbWords): string[] {
  const when = `complete -c sluice -n '__fish_seen_subcommand_from ${verb.name}'`;
  const operands =
    verb.operands === "none"
      ? []
      : verb.operands === "files"
        ? [`${when} -F`]
        : [`${when} -a ${quote(verb.operands.join(" "))}`];
  return [...operands, ...verb.options.map((option) => `${when} ${optionPart(option)}`)];
}

function optionPart({ flags, summary, value }: OptionWords): string {
  const names = flags.map((flag) =>
    flag.startsWith("--") ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`,
  );
  const takes = value === undefined ? "" : " -r";
  const words = Array.isArray(value)
    ? ` -f -a ${quote(value.join(" "))}`
    : value === "file"
      ? " -F"
      : "";
  return `${names.join(" ")}${takes}${words} -d ${quote(summary)}`;
}

function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
