import {
  type CompleteUploadRequest,
  type CompleteUploadResponse,
  type CreateUploadRequest,
  completeUploadResponseSchema,
  type ListPartsResponse,
  type ListVideosResponse,
  listPartsResponseSchema,
  listVideosResponseSchema,
  type Playback,
  type PublicVideo,
  playbackSchema,
  publicVideoSchema,
  type SignPartsRequest,
  type SignPartsResponse,
  type StreamUpload,
  signPartsResponseSchema,
  streamUploadSchema,
  type UpdateVideoRequest,
  type Upload,
  uploadSchema,
  type Video,
  videoSchema,
} from "@sluice/contracts";
import { ApiCaller, type CallOptions, type SluiceApiOptions } from "./api-caller.ts";
import { AnswerError } from "./errors.ts";
import { LinksApi } from "./links-api.ts";
import { WebhooksApi } from "./webhooks-api.ts";

/**
 * Sluice's HTTP API. Every call but `links.create` is idempotent (create by its Idempotency-Key); each is retried.
 * Errors: `ProblemError` (the API refused), `AnswerError` (not our API), `UnreachableError`.
 */
export class SluiceApi {
  readonly links: LinksApi;
  readonly webhooks: WebhooksApi;
  readonly #caller: ApiCaller;

  constructor(options: SluiceApiOptions) {
    this.#caller = new ApiCaller(options);
    this.links = new LinksApi(this.#caller);
    this.webhooks = new WebhooksApi(this.#caller);
  }

  createUpload(
    request: CreateUploadRequest & { readonly size: number },
    idempotencyKey: string,
    options?: CallOptions,
  ): Promise<Upload> {
    return this.#caller.call(
      {
        method: "POST",
        path: "/uploads",
        body: request,
        headers: { "idempotency-key": idempotencyKey },
        answer: uploadSchema,
      },
      options,
    );
  }

  /** For a file whose size is known at its end only. */
  createStreamUpload(
    request: Omit<CreateUploadRequest, "size">,
    idempotencyKey: string,
    options?: CallOptions,
  ): Promise<StreamUpload> {
    return this.#caller.call(
      {
        method: "POST",
        path: "/uploads",
        body: request,
        headers: { "idempotency-key": idempotencyKey },
        answer: streamUploadSchema,
      },
      options,
    );
  }

  signParts(
    uploadId: string,
    request: SignPartsRequest,
    options?: CallOptions,
  ): Promise<SignPartsResponse> {
    return this.#caller.call(
      {
        method: "POST",
        path: `/uploads/${encodeURIComponent(uploadId)}/parts/sign`,
        body: request,
        answer: signPartsResponseSchema,
      },
      options,
    );
  }

  /** Reads every page: at most ten, since a page holds a thousand parts. */
  async listParts(uploadId: string, options?: CallOptions): Promise<ListPartsResponse["parts"]> {
    const parts: ListPartsResponse["parts"] = [];
    let after: number | undefined;
    do {
      const page: ListPartsResponse = await this.#caller.call(
        {
          method: "GET",
          path: `/uploads/${encodeURIComponent(uploadId)}/parts${after === undefined ? "" : `?after=${after}`}`,
          answer: listPartsResponseSchema,
        },
        options,
      );
      parts.push(...page.parts);
      if (page.nextAfter !== undefined && page.nextAfter <= (after ?? 0)) {
        throw new AnswerError("The list of parts does not advance.", 200);
      }
      after = page.nextAfter;
    } while (after !== undefined);
    return parts;
  }

  completeUpload(
    uploadId: string,
    request: CompleteUploadRequest,
    options?: CallOptions,
  ): Promise<CompleteUploadResponse> {
    return this.#caller.call(
      {
        method: "POST",
        path: `/uploads/${encodeURIComponent(uploadId)}/complete`,
        body: request,
        answer: completeUploadResponseSchema,
      },
      options,
    );
  }

  async abortUpload(uploadId: string, options?: CallOptions): Promise<void> {
    await this.#caller.call(
      { method: "DELETE", path: `/uploads/${encodeURIComponent(uploadId)}`, answer: undefined },
      options,
    );
  }

  listVideos(
    query: { readonly limit?: number; readonly cursor?: string } = {},
    options?: CallOptions,
  ): Promise<ListVideosResponse> {
    const search = new URLSearchParams();
    if (query.limit !== undefined) search.set("limit", String(query.limit));
    if (query.cursor !== undefined) search.set("cursor", query.cursor);
    const suffix = search.size > 0 ? `?${search}` : "";
    return this.#caller.call(
      { method: "GET", path: `/videos${suffix}`, answer: listVideosResponseSchema },
      options,
    );
  }

  getVideo(videoId: string, options?: CallOptions): Promise<Video> {
    return this.#caller.call(
      { method: "GET", path: `/videos/${encodeURIComponent(videoId)}`, answer: videoSchema },
      options,
    );
  }

  /** Changes title or visibility; a video that becomes private takes back what was handed out of it. */
  updateVideo(videoId: string, request: UpdateVideoRequest, options?: CallOptions): Promise<Video> {
    return this.#caller.call(
      {
        method: "PATCH",
        path: `/videos/${encodeURIComponent(videoId)}`,
        body: request,
        answer: videoSchema,
      },
      options,
    );
  }

  /** A public video, whoever asks; no token is sent. */
  getPublicVideo(videoId: string, options?: CallOptions): Promise<PublicVideo> {
    return this.#caller.call(
      {
        method: "GET",
        path: `/public/videos/${encodeURIComponent(videoId)}`,
        answer: publicVideoSchema,
        isOpen: true,
      },
      options,
    );
  }

  async deleteVideo(videoId: string, options?: CallOptions): Promise<void> {
    await this.#caller.call(
      { method: "DELETE", path: `/videos/${encodeURIComponent(videoId)}`, answer: undefined },
      options,
    );
  }

  /** The answer sets the cookies for the playlist; call again before `expiresAt`. */
  startPlayback(videoId: string, options?: CallOptions): Promise<Playback> {
    return this.#caller.call(
      {
        method: "POST",
        path: `/videos/${encodeURIComponent(videoId)}/playback`,
        answer: playbackSchema,
      },
      options,
    );
  }
}
