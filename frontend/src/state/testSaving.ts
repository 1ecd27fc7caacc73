import { indexMask } from "../masks/columns";
import { rleEncode } from "../masks/rle";
import type { SavedMask } from "./annotation";
import type { SendDecisions } from "./decisions";
import type { Journal, News, Tabs } from "./journal";
import type { Conflict, PendingChange, SaveAnswer, SaveRequest, ServerMask } from "./pendingChange";
import type { SaveFailure } from "./saveStatus";

// Small real things for the tests of saving: a server that keeps the API's promises, a journal in memory, one tab.

export const ADA = { id: 1, name: "ada" };
export const BOB = { id: 2, name: "bob" };

export function testMask(id: string, labelId = 1): SavedMask {
  return {
    id,
    labelId,
    z: 0,
    attributes: {},
    mask: indexMask(rleEncode(Uint8Array.of(1, 0, 0, 1), { height: 2, width: 2 })),
    prompts: { points: [[0, 0, 1]], box: null, candidate: 1 },
    model: "tiny@1",
    predictedIou: 0.9,
    stabilityScore: 0.9,
    stage: "assisted_manual",
    secondsSpent: 1,
    author: null,
    tool: "smart",
    modelSegmentation: null,
  };
}

/** Holds masks by the rules of the API, and fails as often as told: before it did anything, or just after. */
export class TestServer {
  readonly log: string[] = [];
  readonly failures: { kind: SaveFailure["kind"]; isDoneFirst?: boolean }[] = [];
  readonly masks = new Map<string, { mask: SavedMask; revision: number; by: string }>();
  readonly decided = new Map<string, { decision: string; by: string }>();
  readonly deleted = new Map<string, { revision: number; by: string }>();
  /** What anybody's request left behind, the latest last. */
  readonly accepted: { readonly by: string; readonly labelId: number | null }[] = [];
  /** Whether a mask was there, by each answer that arrived, the latest last. */
  readonly told: boolean[] = [];

  send = async (change: PendingChange, request: SaveRequest): Promise<SaveAnswer> => {
    this.log.push(lineOf(change.maskId, request));
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure && !failure.isDoneFirst) throw new Error(failure.kind);
    const answer = this.answer(change.maskId, request, change.owner.name);
    if (failure) throw new Error(failure.kind);
    this.told.push(this.masks.has(change.maskId));
    return answer;
  };

  decide: SendDecisions = async (owner, imageId, decisions) => {
    const said = [...decisions].map(([id, decision]) => `${decision} ${id}`);
    this.log.push(`${said.join(", ")} on ${imageId}`);
    await Promise.resolve();
    const failure = this.failures.shift();
    if (failure) throw new Error(failure.kind);
    for (const [id, decision] of decisions) this.decided.set(id, { decision, by: owner.name });
  };

  answer(id: string, request: SaveRequest, by: string): SaveAnswer {
    const answer = this.answerTo(id, request, by);
    if (answer.kind === "done") {
      this.accepted.push({ by, labelId: request.kind === "remove" ? null : request.mask.labelId });
    }
    return answer;
  }

  private answerTo(id: string, request: SaveRequest, by: string): SaveAnswer {
    const stored = this.masks.get(id);
    const tombstone = this.deleted.get(id);
    if (request.kind === "create") {
      if (stored || (tombstone && tombstone.revision !== request.restores)) return this.differs(id);
      const revision = tombstone ? tombstone.revision + 1 : 1;
      this.deleted.delete(id);
      this.masks.set(id, { mask: request.mask, revision, by });
      return { kind: "done", known: { kind: "stored", revision } };
    }
    if (request.kind === "remove" && tombstone) return this.removed(tombstone.revision);
    if (!stored && !tombstone) throw new Error("gone");
    if (stored?.revision !== request.revision) return this.differs(id);
    if (request.kind === "update") {
      const revision = request.revision + 1;
      this.masks.set(id, { mask: request.mask, revision, by });
      return { kind: "done", known: { kind: "stored", revision } };
    }
    this.masks.delete(id);
    this.deleted.set(id, { revision: request.revision, by });
    return this.removed(request.revision);
  }

  private removed(revision: number): SaveAnswer {
    return { kind: "done", known: { kind: "deleted", revision } };
  }

  private differs(id: string): SaveAnswer {
    return { kind: "differs", server: this.stateOf(id) };
  }

  stateOf(id: string): ServerMask {
    const stored = this.masks.get(id);
    if (stored) {
      const { revision, by, mask } = stored;
      return { known: { kind: "stored", revision }, mask, by, at: "2026-01-01T00:00:00Z" };
    }
    const { revision, by } = this.deleted.get(id)!;
    return { known: { kind: "deleted", revision }, mask: null, by, at: "2026-01-01T00:00:00Z" };
  }
}

function lineOf(id: string, request: SaveRequest): string {
  if (request.kind === "remove") return `remove ${id} at ${request.revision}`;
  const label = `label ${request.mask.labelId}`;
  if (request.kind === "update") return `update ${id} ${label} from ${request.revision}`;
  return request.restores === null
    ? `create ${id} ${label}`
    : `restore ${id} ${label} at ${request.restores}`;
}

export const classifyTestFailure = (error: unknown): SaveFailure => ({
  kind: (error as Error).message as SaveFailure["kind"],
  code: `test.${(error as Error).message}`,
  message: "no",
});

export class MemoryJournal implements Journal {
  readonly pending = new Map<string, PendingChange>();
  readonly conflicts = new Map<string, Conflict>();
  isKept = true;
  /** How often it was read, and how much each writing wrote. */
  loads = 0;
  readonly writes: number[] = [];

  load = () => {
    this.loads += 1;
    return Promise.resolve({ pending: [...this.pending.values()], conflicts: [...this.conflicts.values()] });
  };

  change: Journal["change"] = async (changes) => {
    await Promise.resolve();
    this.writes.push(changes.length);
    for (const { key, change } of changes) {
      const name = `${key.ownerId} ${key.maskId}`;
      const { pending, conflict } = change(this.pending.get(name) ?? null);
      if (pending) this.pending.set(name, pending);
      else this.pending.delete(name);
      if (conflict) this.conflicts.set(conflict.id, conflict);
    }
  };

  dropConflict = (id: string) => {
    this.conflicts.delete(id);
    return Promise.resolve();
  };
}

/** Tabs that share a lock, and hear of each other. */
export class TestTabs {
  private turn: Promise<void> = Promise.resolve();
  private readonly listeners: ((news: News | null) => void)[] = [];

  tab(): Tabs {
    let own: ((news: News | null) => void) | null = null;
    return {
      exclusively: (work) => (this.turn = this.turn.then(work)),
      announce: (news) => this.listeners.filter((other) => other !== own).forEach((other) => other(news)),
      onAnnounced: (listener) => {
        own = listener;
        this.listeners.push(listener);
      },
    };
  }
}
