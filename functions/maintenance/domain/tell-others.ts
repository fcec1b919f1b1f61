import { type HandOverPorts, sweepWebhooks } from "../../webhooks/domain/hand-over.ts";
import type { Rule } from "./sweep.ts";

/** Webhooks that nobody was told by, since whoever changed the video died before. */
export const tellOthers = (ports: HandOverPorts): Rule => ({
  name: "tell-others",
  find: async () => [
    {
      async mend(log) {
        const { sent, forgotten } = await sweepWebhooks(ports);
        if (sent > 0) log.warn("Webhooks were late", { sent, forgotten });
      },
    },
  ],
});
