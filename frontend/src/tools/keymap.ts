import { BINDINGS, commandId, type Binding, type Command } from "./commands";

/** What a person changed: combinations by command id. */
export type KeyChanges = Readonly<Record<string, readonly string[]>>;

/** Which keys every command has, and which command a key has. */
export interface Keymap {
  readonly keys: ReadonlyMap<string, readonly string[]>;
  readonly commands: ReadonlyMap<string, Command>;
}

/** The table with a person's changes. Where two commands claim a key, the one that was given it wins. */
export function keymapWith(changes: KeyChanges): Keymap {
  const keys = new Map<string, readonly string[]>();
  const commands = new Map<string, Command>();
  const isChanged = ({ command }: Binding) => changes[commandId(command)] !== undefined;
  for (const binding of [...BINDINGS].sort((a, b) => Number(isChanged(b)) - Number(isChanged(a)))) {
    const { command } = binding;
    const free = (changes[commandId(command)] ?? binding.keys).filter((combo) => !commands.has(combo));
    for (const combo of free) commands.set(combo, command);
    keys.set(commandId(command), free);
  }
  return { keys, commands };
}

export const DEFAULT_KEYMAP = keymapWith({});

export function keysOf(keymap: Keymap, command: Command): readonly string[] {
  return keymap.keys.get(commandId(command)) ?? [];
}

/** The present first key of a command as people read it; empty when it has none. */
export type KeyText = (command: Command) => string;

/** A sentence for people; one that names keys is made when it is shown, with the keys as they are then. */
export type Hint = string | ((keyText: KeyText) => string);

export function keyTextOf(keymap: Keymap): KeyText {
  return (command) => {
    const [combo] = keysOf(keymap, command);
    return combo === undefined ? "" : comboText(combo);
  };
}

export function hintText(hint: Hint, keymap: Keymap): string {
  return typeof hint === "string" ? hint : hint(keyTextOf(keymap));
}

/** What of a keyboard event decides. */
export interface Key {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
}

const MODIFIERS = new Set(["Control", "Shift", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Process"]);

/**
 * How a pressed key is written, the likeliest first: "Ctrl+Shift+Z", "?", "Shift+1". A sign is written as it is typed,
 * without the Shift it may take, unless it shares its key with a digit; a letter of another script by the place where a
 * Latin keyboard has one.
 */
function combosOf(key: Key): string[] {
  if (MODIFIERS.has(key.key)) return [];
  const before = `${key.ctrlKey || key.metaKey ? "Ctrl+" : ""}${key.altKey ? "Alt+" : ""}`;
  const shift = key.shiftKey ? "Shift+" : "";
  const place = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(key.code);
  if (key.key === " ") return [`${before}${shift}Space`];
  // What Shift or Alt is held for, a line or a shape that takes away, is given up all the same.
  if (key.key === "Escape") return [`${before}${shift}Escape`, "Escape"];
  if (key.key.length > 1) return [`${before}${shift}${key.key}`];
  if (/^[a-z]$/i.test(key.key)) return [`${before}${shift}${key.key.toUpperCase()}`];
  const letter = place?.[1] && key.key.charCodeAt(0) > 127 ? [`${before}${shift}${place[1]}`] : [];
  const digit = place?.[2] && key.shiftKey ? [`${before}${shift}${place[2]}`] : [];
  return [...letter, ...digit, `${before}${key.key}`];
}

/** How a key is written when it is recorded; null for a modifier alone. */
export function comboOf(key: Key): string | null {
  return combosOf(key)[0] ?? null;
}

/** The command of a key, or null. Combinations without a command are left to the browser. */
export function commandOf(key: Key, keymap: Keymap = DEFAULT_KEYMAP): Command | null {
  for (const combo of combosOf(key)) {
    const command = keymap.commands.get(combo);
    if (command) return command;
  }
  return null;
}

/** Keys that cannot be given away: Space held moves the image and presses buttons. */
const RESERVED = new Set(["Space", "Shift+Space", "Ctrl+Space"]);

export function isReserved(combo: string): boolean {
  return RESERVED.has(combo);
}

/** The changes with `keys` for a command; other commands lose them, so that no key means two things. */
export function withKeys(changes: KeyChanges, command: Command, keys: readonly string[]): KeyChanges {
  const taken = new Set(keys);
  const before = keymapWith(changes);
  const result: Record<string, readonly string[]> = { ...changes, [commandId(command)]: keys };
  for (const { command: other } of BINDINGS) {
    const has = keysOf(before, other);
    if (commandId(other) === commandId(command) || !has.some((combo) => taken.has(combo))) continue;
    result[commandId(other)] = has.filter((combo) => !taken.has(combo));
  }
  return result;
}

/** The changes without those of one command: its usual keys again, unless another command has been given them. */
export function withoutChange(changes: KeyChanges, command: Command): KeyChanges {
  return Object.fromEntries(Object.entries(changes).filter(([id]) => id !== commandId(command)));
}

/** Stored changes, or none of those that are something else; commands that no longer exist are forgotten. */
export function readKeyChanges(value: unknown): KeyChanges {
  if (typeof value !== "object" || value === null) return {};
  const known = new Set(BINDINGS.map(({ command }) => commandId(command)));
  const isCombos = (keys: unknown): keys is string[] =>
    Array.isArray(keys) && keys.every((combo) => typeof combo === "string");
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string[]] => known.has(entry[0]) && isCombos(entry[1]),
    ),
  );
}

const SIGNS: Readonly<Record<string, string>> = {
  ArrowLeft: "←",
  ArrowRight: "→",
  ArrowUp: "↑",
  ArrowDown: "↓",
  Escape: "Esc",
  PageUp: "Page ↑",
  PageDown: "Page ↓",
};

/** A combination as people read it. */
export function comboText(combo: string): string {
  const parts = combo.split(/(?<=.)\+(?=.)/);
  return parts.map((part) => SIGNS[part] ?? part).join("+");
}
