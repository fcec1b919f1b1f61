import { useState } from "preact/hooks";

/**
 * Every answer of the API signs the poster anew: the first link is kept while it works, so that the
 * picture does not flicker.
 */
export function usePoster(url: string | undefined) {
  const [kept, setKept] = useState<string | undefined>(url);
  const [failed, setFailed] = useState<string | undefined>(undefined);
  if (url && (!kept || kept === failed) && url !== failed) setKept(url);
  const shown = kept && kept !== failed ? kept : undefined;
  return { shown, onError: () => setFailed(shown) };
}
