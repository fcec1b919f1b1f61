import { signal } from "@preact/signals";
import type { Video } from "@sluice/contracts";

/** The video that a person is asked about; undefined while the dialog is closed. */
export const askedToDelete = signal<Video | undefined>(undefined);

/** The video that is being shared; undefined while the dialog is closed. */
export const askedToShare = signal<Video | undefined>(undefined);
