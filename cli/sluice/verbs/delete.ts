import { createInterface } from "node:readline/promises";
import { Command } from "@commander-js/extra-typings";
import { CommandError } from "../../errors.ts";
import { printable } from "../../output/text.ts";
import type { VerbContext } from "../context.ts";
import { findVideo } from "../videos.ts";

const help = `
VIDEO is an id, the beginning of one, or the address of its page.
A deleted video is gone for good.

Examples:
  $ npx sluice delete 5f2c
  $ npx sluice delete 5f2c 81aa --yes
`;

export function deleteVerb(context: VerbContext) {
  return new Command("delete")
    .description("delete videos, with everything that was made of them")
    .argument("<VIDEO...>", "ids, beginnings of ids, or addresses of pages")
    .option("-y, --yes", "do not ask")
    .addHelpText("after", help)
    .action((videos, flags) => remove(context, videos, flags.yes === true));
}

async function remove(context: VerbContext, given: readonly string[], yes: boolean): Promise<void> {
  const { output, signal } = context;
  const isAsked = process.stdin.isTTY && process.stdout.isTTY && !output.isJson;
  if (!yes && !isAsked) {
    throw new CommandError(
      "confirmation-missing",
      "Nobody can be asked here: say --yes to delete without a question.",
    );
  }
  const target = await context.target();
  // All are found before the first is deleted: a wrong id deletes nothing.
  const found = [];
  for (const argument of given) found.push(await findVideo(target, argument, signal));
  const videos = [...new Map(found.map((video) => [video.videoId, video])).values()];
  if (
    !yes &&
    !(await confirmed(
      context,
      videos.map(({ title }) => title),
    ))
  ) {
    output.notice("Nothing was deleted.");
    return;
  }
  for (const { videoId, title } of videos) {
    await target.api.deleteVideo(videoId, { signal });
    output.say({ event: "deleted", videoId }, `"${printable(title)}" is deleted.`);
  }
}

async function confirmed({ signal }: VerbContext, titles: readonly string[]): Promise<boolean> {
  const [first = ""] = titles;
  const what = titles.length === 1 ? `"${printable(first)}"` : `${titles.length} videos`;
  for (const title of titles.length === 1 ? [] : titles) {
    process.stdout.write(`  ${printable(title)}\n`);
  }
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await asking.question(`Delete ${what} for good? [y/N] `, { signal });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    asking.close();
  }
}
