import { useEffect, useRef, type MouseEvent } from "react";
import type { Draft } from "../../state/annotation";
import type { Command } from "../../tools/commands";
import { commandOf, type Keymap } from "../../tools/keymap";

/**
 * A button pressed with the mouse must not take the keyboard along: Enter right after it still saves the mask. A field
 * gives it back first, and says what was typed in it before the button may take it away; its own buttons leave it there.
 */
export function keepKeyboard(event: MouseEvent): void {
  const button = event.target instanceof Element ? event.target.closest("button") : null;
  if (!button) return;
  event.preventDefault();
  const field = document.activeElement;
  const isField = field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement;
  if (isField && !field.parentElement?.contains(button)) field.blur();
}

/** Widgets with a use of their own for the keys that move, and those keys. */
const MOVED_IN = "[role=slider], [role=radiogroup], [role=grid], [role=listbox], [role=tablist]";
const MOVES = /^(Arrow(Left|Right|Up|Down)|Home|End|Page(Up|Down))$/;

/**
 * The command a key has where it was pressed; null where a field, a menu, a dialogue or a widget has a use for it, and
 * where it is the browser's.
 */
export function commandOfEvent(
  event: KeyboardEvent,
  keymap: Keymap,
  draft: Draft,
  canWalk: (step: 1 | -1) => boolean = () => false,
): Command | null {
  // A widget had a use for it.
  if (event.defaultPrevented) return null;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return null;
  const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
  if (isPlain && MOVES.test(event.key) && target?.closest(MOVED_IN)) return null;
  // Enter on a focused button presses it, as everywhere. A candidate has been chosen by going there: it is saved.
  if (event.key === "Enter" && target?.closest("button:not(.candidate), a")) return null;
  const command = commandOf(event, keymap);
  if (event.key === "Tab" && !(command && takesTab(command, target, draft, canWalk))) return null;
  // Text that is marked is what Ctrl+C means.
  if (command?.name === "copy" && window.getSelection()?.isCollapsed === false) return null;
  return command;
}

/**
 * Tab walks through the candidates, or through the proposals where no mask is being made, from the stage itself or where
 * nothing has the focus. It does not go round: after the last one, or back before the first, it leads through the page as
 * everywhere, or nobody could leave the stage by keys. The walk through proposals, which may be hundreds, is left by Escape.
 */
function takesTab(
  { name }: Command,
  target: Element | null,
  { candidates, chosen }: Draft,
  canWalk: (step: 1 | -1) => boolean,
): boolean {
  if (target?.closest("button, a, [tabindex]:not([role=application])")) return false;
  if (candidates.length === 0) {
    if (name === "nextCandidate") return canWalk(1);
    return name === "previousCandidate" && canWalk(-1);
  }
  if (name === "nextCandidate") return chosen < candidates.length - 1;
  return name !== "previousCandidate" || chosen > 0;
}

/** Runs commands from the keyboard, except while a field, a menu or a dialogue has it. */
export function useAnnotatorKeys(
  keymap: Keymap,
  run: (command: Command) => void,
  draft: Draft,
  canWalk: (step: 1 | -1) => boolean,
): void {
  const latest = useRef({ keymap, run, draft, canWalk });
  useEffect(() => {
    latest.current = { keymap, run, draft, canWalk };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const { keymap, run, draft, canWalk } = latest.current;
      const command = commandOfEvent(event, keymap, draft, canWalk);
      if (!command) return;
      event.preventDefault();
      run(command);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
