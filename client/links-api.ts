import {
  type CreateLinkRequest,
  listLinksResponseSchema,
  type PlaybackLink,
  playbackLinkSchema,
} from "@sluice/contracts";
import type { ApiCaller, CallOptions } from "./api-caller.ts";

/** The links by which players that keep no cookies reach a video. Errors as those of `SluiceApi`. */
export class LinksApi {
  readonly #caller: ApiCaller;

  constructor(caller: ApiCaller) {
    this.#caller = caller;
  }

  /** Not idempotent: when an answer is lost, the retry makes a second link, which `list` shows. */
  create(
    videoId: string,
    request: CreateLinkRequest,
    options?: CallOptions,
  ): Promise<PlaybackLink> {
    return this.#caller.call(
      { method: "POST", path: pathOf(videoId), body: request, answer: playbackLinkSchema },
      options,
    );
  }

  /** Those that have not expired, newest first. */
  async list(videoId: string, options?: CallOptions): Promise<readonly PlaybackLink[]> {
    const { links } = await this.#caller.call(
      { method: "GET", path: pathOf(videoId), answer: listLinksResponseSchema },
      options,
    );
    return links;
  }

  async revoke(videoId: string, linkId: string, options?: CallOptions): Promise<void> {
    await this.#caller.call(
      {
        method: "DELETE",
        path: `${pathOf(videoId)}/${encodeURIComponent(linkId)}`,
        answer: undefined,
      },
      options,
    );
  }
}

const pathOf = (videoId: string) => `/videos/${encodeURIComponent(videoId)}/links`;
