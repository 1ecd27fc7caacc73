/** A member, as far as @username needs them. */
export interface Named {
  readonly username: string;
  readonly display_name: string;
}

const NAME = /(?<![\p{L}\p{N}_.@+-])@([\p{L}\p{N}_.@+-]+)/gu;
/** Allowed at the end of a username as well, but far more often the sentence's. */
const ENDING = /[.@+-]$/;

/** A text in pieces: those that mention one of `usernames`, and what is between them. */
export function mentionPieces(
  text: string,
  usernames: ReadonlySet<string>,
): { readonly text: string; readonly isMention: boolean }[] {
  const pieces: { text: string; isMention: boolean }[] = [];
  let end = 0;
  for (const match of text.matchAll(NAME)) {
    let name = match[1]!;
    while (!usernames.has(name) && ENDING.test(name)) name = name.slice(0, -1);
    if (!usernames.has(name)) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), isMention: false });
    end = match.index + 1 + name.length;
    pieces.push({ text: text.slice(match.index, end), isMention: true });
  }
  if (end < text.length) pieces.push({ text: text.slice(end), isMention: false });
  return pieces;
}

/** The name being typed before the caret and where its @ is; null when there is none. */
export function mentionAt(
  text: string,
  caret: number,
): { readonly start: number; readonly begun: string } | null {
  const found = /(?<![\p{L}\p{N}_.@+-])@([\p{L}\p{N}_.+-]*)$/u.exec(text.slice(0, caret));
  return found && { start: found.index, begun: found[1]! };
}

/** Members whose username, or a word of whose name, begins so; at most `most`. */
export function membersBegun<Member extends Named>(
  members: readonly Member[],
  begun: string,
  most = 6,
): Member[] {
  const wanted = begun.toLocaleLowerCase();
  const words = ({ username, display_name }: Named) => [username, ...display_name.split(/\s+/)];
  return members
    .filter((member) => words(member).some((word) => word.toLocaleLowerCase().startsWith(wanted)))
    .slice(0, most);
}

/** The text with the name that is being typed at `start` completed, and where the caret is then. */
export function mentionCompleted(
  text: string,
  start: number,
  caret: number,
  username: string,
): { readonly text: string; readonly caret: number } {
  const before = `${text.slice(0, start)}@${username}`;
  const after = text.slice(caret);
  // A space that is there already is not doubled.
  const space = /^\s/.test(after) ? "" : " ";
  return { text: before + space + after, caret: before.length + 1 };
}
