import { useEffect, useRef } from "react";
import { commandOf, type Command } from "../../tools/keymap";

/** Runs commands from the keyboard, except while a field, a menu or a dialogue has it. */
export function useAnnotatorKeys(run: (command: Command) => void): void {
  const latest = useRef(run);
  useEffect(() => {
    latest.current = run;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]")) return;
      // Enter on a focused button presses it, as everywhere; Tab cycles candidates only from the stage itself.
      const isOnControl = target?.closest("button, a") !== null && target !== null;
      if (isOnControl && (event.key === "Enter" || event.key === "Tab")) return;
      const command = commandOf(event);
      if (!command) return;
      // Text that is marked is what Ctrl+C means.
      if (command.name === "copy" && window.getSelection()?.isCollapsed === false) return;
      event.preventDefault();
      latest.current(command);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
