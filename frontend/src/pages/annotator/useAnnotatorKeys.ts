import { useEffect, useRef, type MouseEvent } from "react";
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

/** Runs commands from the keyboard, except while a field, a menu or a dialogue has it. */
export function useAnnotatorKeys(
  keymap: Keymap,
  run: (command: Command) => void,
  /** Whether there is a mask being made; without one Tab leads through the page as everywhere. */
  hasCandidates: boolean,
): void {
  const latest = useRef({ keymap, run, hasCandidates });
  useEffect(() => {
    latest.current = { keymap, run, hasCandidates };
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      // A widget had a use for it.
      if (event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
      const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey;
      if (isPlain && MOVES.test(event.key) && target?.closest(MOVED_IN)) return;
      // Enter on a focused button presses it, as everywhere; Tab cycles candidates only from the stage itself.
      const isOnControl = target?.closest("button, a") !== null && target !== null;
      if (isOnControl && (event.key === "Enter" || event.key === "Tab")) return;
      if (event.key === "Tab" && !latest.current.hasCandidates) return;
      const command = commandOf(event, latest.current.keymap);
      if (!command) return;
      // Text that is marked is what Ctrl+C means.
      if (command.name === "copy" && window.getSelection()?.isCollapsed === false) return;
      event.preventDefault();
      latest.current.run(command);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
