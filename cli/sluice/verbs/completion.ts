import { Argument, Command } from "@commander-js/extra-typings";
import { bashCompletion } from "../completion/bash.ts";
import { fishCompletion } from "../completion/fish.ts";
import { verbWords } from "../completion/words.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { VerbContext } from "../context.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };
const shells = ["bash", "zsh", "fish"] as const;

const help = `
Shells complete a command by its name, so that there must be one: \`npm link\` in
the checkout puts \`sluice\` on PATH.

Examples:
  $ source <(npx sluice completion bash)      # ~/.bashrc
  $ source <(npx sluice completion zsh)       # ~/.zshrc, after compinit
  $ npx sluice completion fish | source       # ~/.config/fish/config.fish
`;

export function completionVerb(
  context: VerbContext,
  program: () => Parameters<typeof verbWords>[0],
) {
  return new Command("completion")
    .description("print what lets a shell complete verbs and options")
    .addArgument(new Argument("<SHELL>", "bash, zsh or fish").choices(shells))
    .addHelpText("after", help)
    .action((shell) => {
      const script = scripts[shell](verbWords(program()));
      context.output.say({ event: "completion", shell, script }, script.trimEnd());
    });
}
