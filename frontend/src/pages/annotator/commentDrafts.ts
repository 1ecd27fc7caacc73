/** What somebody began to write and did not send: kept in this tab, also over a reload. */
export interface CommentDraft {
  /** Of the comment it will be: sent twice, it is made once. */
  readonly id: string;
  readonly text: string;
}

const PREFIX = "anymask.comment";

/** One person's drafts on one image, by thread; "new" is the one that has none yet. */
export class CommentDrafts {
  constructor(
    private readonly userId: number,
    private readonly imageId: number,
  ) {}

  /** What was begun in a thread, or an empty draft with an id of its own. */
  of(threadId: string): CommentDraft {
    try {
      const stored: unknown = JSON.parse(sessionStorage.getItem(this.keyOf(threadId)) ?? "null");
      if (isDraft(stored)) return stored;
    } catch {
      // Not ours, or no storage: begun anew.
    }
    return { id: crypto.randomUUID(), text: "" };
  }

  keep(threadId: string, draft: CommentDraft): void {
    try {
      if (draft.text.trim() === "") sessionStorage.removeItem(this.keyOf(threadId));
      else sessionStorage.setItem(this.keyOf(threadId), JSON.stringify(draft));
    } catch {
      // No room or no permission: it lasts as long as its field.
    }
  }

  forget(threadId: string): void {
    this.keep(threadId, { id: "", text: "" });
  }

  private keyOf(threadId: string): string {
    return `${PREFIX}.${this.userId}.${this.imageId}.${threadId}`;
  }
}

/** At a log-out: nobody after them reads what they began. */
export function forgetCommentDrafts(userId: number): void {
  const keys = Array.from({ length: sessionStorage.length }, (_, index) => sessionStorage.key(index));
  for (const key of keys) if (key?.startsWith(`${PREFIX}.${userId}.`)) sessionStorage.removeItem(key);
}

function isDraft(value: unknown): value is CommentDraft {
  if (typeof value !== "object" || value === null) return false;
  const { id, text } = value as Record<string, unknown>;
  return typeof id === "string" && typeof text === "string";
}
