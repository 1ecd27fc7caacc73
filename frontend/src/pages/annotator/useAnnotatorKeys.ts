import { useEffect, useRef } from "react";
import type { Command } from "../../tools/commands";
import { commandOf, type Keymap } from "../../tools/keymap";

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
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
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
