import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError } from "../../api/errors";
import { fetchMaskChanges } from "../../api/masks";
import type { Mask, MaskChanges } from "../../api/types";
import { initialState } from "../../state/annotation";
import { SaveQueue } from "../../state/saveQueue";
import { AnnotationStore } from "../../state/store";
import { ADA, classifyTestFailure, MemoryJournal, TestServer, TestTabs } from "../../state/testSaving";
import { Colleagues } from "./colleagues";

vi.mock("../../api/masks", () => ({ fetchMaskChanges: vi.fn() }));
const fetched = vi.mocked(fetchMaskChanges);

const mask = (id: string) =>
  ({
    id,
    label: 1,
    z: 0,
    attributes: {},
    segmentation: { size: [2, 2], counts: "0120" },
    prompts: { points: [], box: null, candidate: 0 },
    revision: 1,
  }) as unknown as Mask;
const changes = (ids: readonly string[]): MaskChanges => ({
  cursor: "2",
  complete: false,
  masks: ids.map(mask),
  deleted: [],
});

describe("the feed of colleagues' changes", () => {
  let store: AnnotationStore;
  let answered: () => void;
  let leave: () => void;
  const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
    fetched.mockReset();
    const server = new TestServer();
    const queue = new SaveQueue(
      new MemoryJournal(),
      server.send,
      classifyTestFailure,
      new TestTabs().tab(),
      server.decide,
    );
    queue.setUser(ADA);
    store = new AnnotationStore(initialState({ height: 2, width: 2 }, []), () => undefined);
    answered = vi.fn();
    const colleagues = new Colleagues({
      imageId: 7,
      cursor: "1",
      store,
      queue,
      isInHand: () => false,
      onLoggedOut: () => undefined,
      onAnswered: () => answered(),
    });
    leave = () => undefined;
    enter = () => (leave = colleagues.enter());
  });
  let enter: () => void;
  afterEach(() => {
    leave();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("shows what somebody did to many masks as one change", async () => {
    fetched.mockResolvedValueOnce(changes(["a", "b", "c"])).mockResolvedValue(changes([]));
    const shown = vi.fn();
    store.subscribe(shown);
    enter();
    await pass();
    expect([...store.getState().masks.keys()]).toEqual(["a", "b", "c"]);
    expect(shown).toHaveBeenCalledOnce();
    expect(answered).toHaveBeenCalledOnce();
  });

  it("asks at once when the network is back", async () => {
    fetched.mockRejectedValue(new ApiError(0, "network.unreachable", "no"));
    enter();
    await pass(30_000);
    const before = fetched.mock.calls.length;
    fetched.mockResolvedValue(changes(["a"]));
    window.dispatchEvent(new Event("online"));
    await pass();
    expect(fetched.mock.calls.length).toBe(before + 1);
    expect(store.getState().masks.size).toBe(1);
  });

  it("gives a hanging request up, and asks again", async () => {
    const limit = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValueOnce(limit.signal);
    fetched.mockImplementationOnce(
      (_image, _since, signal) =>
        new Promise((_resolve, reject) =>
          signal!.addEventListener("abort", () => reject(new ApiError(0, "network.unreachable", "no"))),
        ),
    );
    fetched.mockResolvedValue(changes(["a"]));
    enter();
    await pass();
    limit.abort();
    await pass(6_000);
    expect(store.getState().masks.size).toBe(1);
  });
});
