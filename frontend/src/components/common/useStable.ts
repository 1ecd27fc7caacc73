import { useCallback, useLayoutEffect, useRef } from "react";

/**
 * The same function from one drawing to the next, which calls the newest `action`: for what is handed to memoised components.
 * For events only: while drawing it would call the one of the drawing before.
 */
export function useStable<Arguments extends unknown[]>(
  action: (...given: Arguments) => void,
): (...given: Arguments) => void {
  const newest = useRef(action);
  useLayoutEffect(() => {
    newest.current = action;
  });
  return useCallback((...given) => newest.current(...given), []);
}
