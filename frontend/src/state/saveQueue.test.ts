import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { indexMask } from "../masks/columns";
import { rleEncode } from "../masks/rle";
import type { SavedMask } from "./annotation";
import { SaveQueue, type MaskTransport, type SaveFailure } from "./saveQueue";

function mask(id: string, labelId = 1): SavedMask {
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
  };
}

/** Holds masks like the server does and fails as often as told. */
class FakeServer implements MaskTransport {
  readonly log: string[] = [];
  readonly failures: SaveFailure["kind"][] = [];
  create = (_imageId: number, created: SavedMask) => this.answer(`create ${created.id}`, 1);
  update = (updated: SavedMask, revision: number) =>
    this.answer(`update ${updated.id} label ${updated.labelId} from ${revision}`, revision + 1);
  remove = async (id: string, revision: number) => {
    await this.answer(`remove ${id} at ${revision}`, 0);
  };
  private async answer(line: string, revision: number): Promise<{ revision: number }> {
    this.log.push(line);
    await Promise.resolve();
    const kind = this.failures.shift();
    if (kind) throw new Error(kind);
    return { revision };
  }
}

const classify = (error: unknown): SaveFailure => ({
  kind: (error as Error).message as SaveFailure["kind"],
  code: `test.${(error as Error).message}`,
  message: "no",
});

describe("the save queue", () => {
  let server: FakeServer;
  let conflicts: string[];
  let queue: SaveQueue;
  beforeEach(() => {
    vi.useFakeTimers();
    server = new FakeServer();
    conflicts = [];
    queue = new SaveQueue(server, classify, (id) => conflicts.push(id));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("creates, updates from the revision it was told, and removes", async () => {
    queue.want("a", 7, mask("a"));
    await vi.advanceTimersByTimeAsync(0);
    queue.want("a", 7, mask("a", 2));
    await vi.advanceTimersByTimeAsync(0);
    queue.want("a", 7, null);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.log).toEqual(["create a", "update a label 2 from 1", "remove a at 2"]);
    expect(queue.getStatus()).toEqual({ kind: "saved" });
  });

  it("sends only the newest state of a mask that changed while another was sent", async () => {
    queue.want("a", 7, mask("a"));
    queue.want("b", 7, mask("b"));
    queue.want("b", 7, mask("b", 2));
    expect(queue.getStatus()).toEqual({ kind: "saving", waiting: 2 });
    expect([...queue.waitingFor(7).keys()]).toEqual(["a", "b"]);
    expect(queue.waitingFor(8).size).toBe(0);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.log).toEqual(["create a", "create b"]);
  });

  it("never tells the server of a mask made and undone before it was sent", async () => {
    queue.want("a", 7, mask("a"));
    queue.want("b", 7, mask("b"));
    queue.want("b", 7, null);
    await vi.advanceTimersByTimeAsync(0);
    expect(server.log).toEqual(["create a"]);
  });

  it("removes a mask whose create was never answered, because the server may hold it", async () => {
    server.failures.push("later");
    queue.want("a", 7, mask("a"));
    await vi.advanceTimersByTimeAsync(0);
    queue.want("a", 7, null);
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.log).toEqual(["create a", "create a", "remove a at 1"]);
    expect(queue.getStatus()).toEqual({ kind: "saved" });
  });

  it("keeps what failed for a passing reason, shows it, and tries again with growing pauses", async () => {
    server.failures.push("later", "later");
    queue.want("a", 7, mask("a"));
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.getStatus()).toMatchObject({ kind: "failed", waiting: 1, code: "test.later" });
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.log).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1999);
    expect(server.log).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(server.log).toHaveLength(3);
    expect(queue.getStatus()).toEqual({ kind: "saved" });
  });

  it("does not repeat what was refused until asked, and goes on with the rest", async () => {
    server.failures.push("refused");
    queue.want("a", 7, mask("a"));
    queue.want("b", 7, mask("b"));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.log).toEqual(["create a", "create b"]);
    expect(queue.getStatus()).toMatchObject({ kind: "failed", waiting: 1, code: "test.refused" });
    queue.retryNow();
    await vi.advanceTimersByTimeAsync(0);
    expect(queue.getStatus()).toEqual({ kind: "saved" });
  });

  it("reports a conflict and drops its own change", async () => {
    queue.learn("a", 3);
    server.failures.push("stale");
    queue.want("a", 7, mask("a", 2));
    await vi.advanceTimersByTimeAsync(0);
    expect(server.log).toEqual(["update a label 2 from 3"]);
    expect(conflicts).toEqual(["a"]);
    expect(queue.getStatus()).toEqual({ kind: "saved" });
  });

  it("takes deleting what is already gone as done", async () => {
    queue.learn("a", 3);
    server.failures.push("gone");
    queue.want("a", 7, null);
    await vi.advanceTimersByTimeAsync(0);
    expect(conflicts).toEqual([]);
    expect(queue.getStatus()).toEqual({ kind: "saved" });
  });
});
