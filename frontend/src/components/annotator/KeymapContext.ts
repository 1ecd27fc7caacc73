import { createContext, useContext } from "react";
import type { Command } from "../../tools/commands";
import { comboText, DEFAULT_KEYMAP, keysOf, type Keymap } from "../../tools/keymap";

/** The keys as this person has them. */
export const KeymapContext = createContext<Keymap>(DEFAULT_KEYMAP);

/** The present first key of a command as people read it; empty when it has none. */
export function useKeyText(): (command: Command) => string {
  const keymap = useContext(KeymapContext);
  return (command) => {
    const [combo] = keysOf(keymap, command);
    return combo === undefined ? "" : comboText(combo);
  };
}

/** A label with the command's present key behind it: "Undo (Ctrl+Z)". */
export function useLabelWithKey(): (label: string, command: Command) => string {
  const keyText = useKeyText();
  return (label, command) => {
    const key = keyText(command);
    return key === "" ? label : `${label} (${key})`;
  };
}
