import { useCallback, useState, type SetStateAction } from "react";

/**
 * State that belongs to an owner and begins anew with the next one: for what is about one image, in a component that stays
 * when the next image comes. Setting it for an owner that is gone does nothing.
 */
export function useStateOf<Value>(
  owner: unknown,
  begin: () => Value,
): [Value, (next: SetStateAction<Value>) => void] {
  const [kept, setKept] = useState(() => ({ owner, value: begin() }));
  let held = kept;
  if (kept.owner !== owner) {
    held = { owner, value: begin() };
    setKept(held);
  }
  const set = useCallback(
    (next: SetStateAction<Value>) =>
      setKept((now) => {
        if (now.owner !== owner) return now;
        const value = typeof next === "function" ? (next as (before: Value) => Value)(now.value) : next;
        return Object.is(value, now.value) ? now : { owner, value };
      }),
    [owner],
  );
  return [held.value, set];
}
