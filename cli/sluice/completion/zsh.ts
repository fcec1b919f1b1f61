import type { OptionWords, VerbWords } from "./words.ts";

/** For `source <(npx sluice completion zsh)`, or as the file `_sluice` in $fpath. */
export function zshCompletion(verbs: readonly VerbWords[]): string {
  return `#compdef sluice
# zsh completion of sluice
_sluice() {
  local context state state_descr line
  typeset -A opt_args
  local -a verbs
  verbs=(
${verbs.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`).join("\n")}
  )
  _arguments -C '1:verb:->verb' '*::argument:->arguments'
  case $state in
    verb) _describe -t verbs verb verbs ;;
    arguments)
      case $words[1] in
${verbs.map(verbCase).join("\n")}
      esac ;;
  esac
}
if [[ \${zsh_eval_context[-1]} == loadautofunc ]]; then
  _sluice "$@"
else
  compdef _sluice sluice
fi
`;
}

function verbCase(verb: VerbWords): string {
  const specs = [...verb.options.flatMap(optionSpecs), operandSpec(verb)].filter(Boolean);
  return `        ${verb.name}) _arguments ${specs.map((spec) => `\\\n          ${spec}`).join(" ")} ;;`;
}

function optionSpecs({ flags, summary, value, optional }: OptionWords): string[] {
  const text = summary.replace(/[[\]]/g, "\\$&").replace(/:/g, "\\:");
  return flags.map((flag) => {
    if (value === undefined) return quote(`${flag}[${text}]`);
    const action = Array.isArray(value) ? `(${value.join(" ")})` : value === "file" ? "_files" : "";
    const after = optional ? `${flag}=-[${text}]::value` : `${flag}=[${text}]:value`;
    return quote(`${after}:${action}`);
  });
}

function operandSpec({ operands }: VerbWords): string {
  if (operands === "none") return "";
  return operands === "files" ? quote("*:file:_files") : quote(`1:value:(${operands.join(" ")})`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
