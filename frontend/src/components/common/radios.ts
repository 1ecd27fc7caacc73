import type { KeyboardEvent } from "react";

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Which of `count` radios a key leads to from the chosen one, round and round; null for any other key. */
export function radioAfter(key: string, chosen: number, count: number): number | null {
  const step = STEPS[key];
  if (step === undefined || count === 0) return null;
  return (Math.max(0, chosen) + step + count) % count;
}

/** Of a group of radios Tab leads to the chosen one only, or to the first where none is. */
export function radioTabIndex(index: number, chosen: number): 0 | -1 {
  return index === Math.max(0, chosen) ? 0 : -1;
}

/** The arrow keys in a radiogroup: they choose the next radio and take the focus along, as everywhere. */
export function onRadioKey(
  event: KeyboardEvent<HTMLElement>,
  chosen: number,
  onChoose: (index: number) => void,
): void {
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
  const radios = event.currentTarget.querySelectorAll<HTMLElement>("[role=radio]");
  const next = radioAfter(event.key, chosen, radios.length);
  if (next === null) return;
  // On the image these keys mean something else.
  event.preventDefault();
  radios[next]?.focus();
  onChoose(next);
}
