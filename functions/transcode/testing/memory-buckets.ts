import { createHash } from "node:crypto";
import type { RangeReader } from "../adapters/block-cache.ts";
import { sourceKey } from "../domain/keys.ts";
import type { LinkSigner, LinkTransfer, MediaStore, PlaylistState, SourceStore } from "../ports.ts";

interface Stored {
  readonly bytes: Uint8Array;
  readonly etag: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly state?: { readonly segments: number; readonly ended: boolean };
}

const md5 = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");
const scheme = "memory:///";

/** Both buckets in one map; links are addresses of keys. */
export class MemoryBuckets {
  readonly objects = new Map<string, Stored>();
  bytesRead = 0;

  put(key: string, bytes: Uint8Array, headers: Record<string, string> = {}): void {
    this.objects.set(key, { bytes, etag: md5(bytes), headers });
  }

  text(key: string): string {
    return new TextDecoder().decode(this.objects.get(key)?.bytes);
  }

  keys(prefix: string): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  readonly read: (key: string) => RangeReader = (key) => async (first, end) => {
    const bytes = this.objects.get(key)?.bytes.subarray(first, end);
    if (!bytes) throw new Error(`There is no ${key}.`);
    this.bytesRead += bytes.length;
    return bytes;
  };

  readonly readerOf = (url: string): RangeReader => this.read(url.slice(scheme.length));

  readonly sources: SourceStore = {
    describe: async (videoId) => {
      const object = this.objects.get(sourceKey(videoId));
      return object && { bytes: object.bytes.length, etag: object.etag };
    },
    read: (videoId, first, end, signal) =>
      this.read(sourceKey(videoId))(first, end, signal ?? new AbortController().signal),
    remove: async (videoId) => {
      this.objects.delete(sourceKey(videoId));
    },
  };

  readonly media: MediaStore = {
    head: async (key, startBytes) => {
      const object = this.objects.get(key);
      return (
        object && {
          bytes: object.bytes.length,
          etag: object.etag,
          start: object.bytes.subarray(0, startBytes),
        }
      );
    },
    remove: async (keys) => {
      for (const key of keys) this.objects.delete(key);
    },
    removeAll: async (prefix) => {
      for (const key of this.keys(prefix)) this.objects.delete(key);
    },
    playlistState: async (key) => {
      const object = this.objects.get(key);
      return object?.state && { ...object.state, etag: object.etag };
    },
    writePlaylist: async (key, text, state, replaces: PlaylistState | undefined) => {
      if (this.objects.get(key)?.etag !== replaces?.etag) return false;
      const bytes = new TextEncoder().encode(text);
      this.objects.set(key, { bytes, etag: md5(bytes), headers: {}, state });
      return true;
    },
  };

  readonly links: LinkSigner = {
    seconds: 900,
    readSource: async (videoId) => `${scheme}${sourceKey(videoId)}`,
    readMedia: async (key) => `${scheme}${key}`,
    write: async (key, headers) => ({ url: `${scheme}${key}`, headers }),
  };

  readonly transfer: LinkTransfer = {
    put: async (link, bytes) => {
      const key = link.url.slice(scheme.length);
      if (!this.objects.has(key)) this.put(key, new Uint8Array(bytes), link.headers);
    },
  };
}
