import type { OptionWords, VerbWords } from "./words.ts";

/** For `source <(npx sluice completion bash)`; Bash 3.2 (macOS) and later, without bash-completion. */
export function bashCompletion(verbs: readonly VerbWords[]): string {
  const names = verbs.map(({ name }) => name).join(" ");
  return `# bash completion of sluice
_sluice() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]}
  local verb='' words='' files='' index word
  for ((index = 1; index < COMP_CWORD; index++)); do
    case \${COMP_WORDS[index]} in
      ${names.replaceAll(" ", "|")}) verb=\${COMP_WORDS[index]}; break ;;
    esac
  done
  # Words are split at "=": --wait = ready.
  if [[ $current == "=" ]]; then current=''
  elif [[ $previous == "=" ]]; then previous=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case "$verb" in
    "") words="${names} --url --token-file --json --help --version" ;;
${verbs.map(verbCase).join("\n")}
  esac
  COMPREPLY=()
  while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
    compgen -W "$words" -- "$current"
    if [[ -n $files && $current != -* ]]; then compgen -f -- "$current"; fi
  )
}
complete -o filenames -o bashdefault -F _sluice sluice
`;
}

function verbCase(verb: VerbWords): string {
  const valued = verb.options.filter(({ value }) => value !== undefined);
  const flags = verb.options.flatMap((option) => option.flags).join(" ");
  const operands = Array.isArray(verb.operands) ? verb.operands.join(" ") : "";
  const files = verb.operands === "files" ? "; files=1" : "";
  return `    ${verb.name})
      case "$previous" in
${valued.map(valueCase).join("")}        *) words="${[flags, operands].filter(Boolean).join(" ")}"${files} ;;
      esac ;;`;
}

function valueCase({ flags, value }: OptionWords): string {
  const words = Array.isArray(value) ? `words="${value.join(" ")}"` : "";
  const act = words || (value === "file" ? "files=1" : ":");
  return `        ${flags.join("|")}) ${act} ;;\n`;
}
