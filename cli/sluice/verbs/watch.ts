import { Command } from "@commander-js/extra-typings";
import open from "open";
import { playbackCookie } from "../../journey/playback-cookie.ts";
import { watchAddress } from "../../journey/video-journey.ts";
import { printable } from "../../output/text.ts";
import type { VerbContext } from "../context.ts";
import { findVideo } from "../videos.ts";

const help = `
VIDEO is an id, the beginning of one, or the address of its page.
What --print shows opens this one video for whoever has it, until it expires:
the cookie with the playlist, and a link for players that take no cookie, which
lasts a day.

Examples:
  $ npx sluice watch 5f2c
  $ npx sluice watch 5f2c --print
  $ npx sluice watch 5f2c --print --json | jq -r .playlist
`;

export function watchVerb(context: VerbContext) {
  return new Command("watch")
    .description("open the page of a video, or print what other players need")
    .argument("<VIDEO>", "id, beginning of an id, or address of its page")
    .option("--print", "print playlist, cookie and link instead of opening the page")
    .addHelpText("after", help)
    .action((video, flags) => (flags.print ? print(context, video) : openPage(context, video)));
}

async function openPage(context: VerbContext, given: string): Promise<void> {
  const { output, signal, environment } = context;
  const { api, web } = await context.target();
  const { videoId, title } = await findVideo({ api, web }, given, signal);
  const page = watchAddress(web, videoId);
  const opens = hasBrowser(environment);
  if (opens) await open(page);
  output.say(
    { event: "watch", videoId, watch: page, opened: opens },
    opens
      ? `Opening "${printable(title)}": ${page}`
      : `There is no screen here; open it elsewhere: ${page}`,
  );
}

/** xdg-open does nothing useful, and says nothing, without a display. */
function hasBrowser({ DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME, BROWSER }: NodeJS.ProcessEnv) {
  if (process.platform !== "linux") return true;
  return [DISPLAY, WAYLAND_DISPLAY, WSL_DISTRO_NAME, BROWSER].some(Boolean);
}

const linkSeconds = 24 * 60 * 60;

async function print(context: VerbContext, given: string): Promise<void> {
  const { output, signal } = context;
  const { api, web, apiUrl, token } = await context.target();
  const { videoId } = await findVideo({ api, web }, given, signal);
  const playback = await playbackCookie({ web, apiUrl, videoId }, await token(), signal);
  const made = await api.links.create(
    videoId,
    { expiresInSeconds: linkSeconds, label: "npx sluice watch" },
    { signal },
  );
  const watch = watchAddress(web, videoId);
  const link = `${web}${made.playlist}`;
  output.say(
    {
      ...{ event: "watch", videoId, watch, ...playback },
      ...{ link, linkId: made.linkId, linkExpiresAt: made.expiresAt },
    },
    [
      `Page      ${watch}`,
      `Playlist  ${playback.playlist}`,
      `Cookie    ${playback.cookie}`,
      `Link      ${link}  (until ${made.expiresAt})`,
      "",
      `ffplay '${link}'`,
    ].join("\n"),
  );
}
