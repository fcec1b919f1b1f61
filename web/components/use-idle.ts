import { useCallback, useEffect, useRef, useState } from "preact/hooks";

const idleMs = 2_800;

/** Whether nobody moved for a while; `wake` says that somebody did. */
export function useIdle(): { readonly isIdle: boolean; readonly wake: () => void } {
  const [isIdle, setIsIdle] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const wake = useCallback(() => {
    setIsIdle(false);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setIsIdle(true), idleMs);
  }, []);
  useEffect(() => {
    wake();
    return () => clearTimeout(timer.current);
  }, [wake]);
  return { isIdle, wake };
}
