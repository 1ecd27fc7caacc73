import { beforeAll, describe, expect, it, vi } from "vitest";
import { beyondBudget, KeptBytes, type ByteCache, type ByteCaches } from "./keptBytes";

const HOUR_MS = 60 * 60 * 1000;

class FakeCache implements ByteCache {
  readonly stored = new Map<string, Response>();
  puts = 0;
  isFull = false;

  private key = (url: string) => new URL(url, location.href).href;

  match = (url: string) => Promise.resolve(this.stored.get(this.key(url))?.clone());
  put = (url: string, response: Response) => {
    if (this.isFull) return Promise.reject(new Error("QuotaExceededError"));
    this.puts += 1;
    this.stored.set(this.key(url), response);
    return Promise.resolve();
  };
  delete = (url: string) => Promise.resolve(this.stored.delete(this.key(url)));
  keys = () => Promise.resolve([...this.stored.keys()].map((url) => ({ url })));
}

class FakeCaches implements ByteCaches {
  readonly caches = new Map<string, FakeCache>();

  open = (name: string) => {
    const cache = this.caches.get(name) ?? new FakeCache();
    this.caches.set(name, cache);
    return Promise.resolve(cache);
  };
  keys = () => Promise.resolve([...this.caches.keys()]);
  delete = (name: string) => Promise.resolve(this.caches.delete(name));
}

/** One browser with its server; every `tab` is a page loaded anew. */
function setUp({ budget = 1000, bytes = 100 } = {}) {
  const caches = new FakeCaches();
  const clock = { now: 0 };
  const download = vi.fn((url: string) => Promise.resolve(new Uint8Array(bytes).fill(url.length).buffer));
  const tab = async (owner: string | null, available: ByteCaches | null = caches) => {
    const kept = new KeptBytes(available, download, budget, () => clock.now);
    await kept.belongTo(owner);
    return kept;
  };
  return { caches, clock, download, tab };
}

async function fetchAll(kept: KeptBytes, ...urls: string[]) {
  for (const url of urls) await kept.fetch(url);
  await kept.written();
}

describe("kept bytes", () => {
  beforeAll(() => {
    vi.stubGlobal("location", { href: "http://anymask.test/images/1" });
  });

  it("come from the server once, and after a reload from the cache", async () => {
    const { download, tab } = setUp();
    await fetchAll(await tab("1"), "/a?v=1");
    const again = await (await tab("1")).fetch("/a?v=1");
    expect(new Uint8Array(again)).toEqual(new Uint8Array(100).fill(6));
    expect(download).toHaveBeenCalledTimes(1);
  });

  it("are fetched anew under another version", async () => {
    const { download, tab } = setUp();
    await fetchAll(await tab("1"), "/a?v=1", "/a?v=2");
    expect(download).toHaveBeenCalledTimes(2);
  });

  it("are gone for whoever logs in next, and when people log out", async () => {
    const { caches, download, tab } = setUp();
    await fetchAll(await tab("1"), "/a");
    await fetchAll(await tab("2"), "/a");
    expect(download).toHaveBeenCalledTimes(2);
    const kept = await tab("2");
    await kept.belongTo(null);
    expect(caches.caches.size).toBe(0);
    await fetchAll(kept, "/a");
    expect(caches.caches.size).toBe(0);
    expect(download).toHaveBeenCalledTimes(3);
  });

  it("stay within the budget, the ones used longest ago going first, those of earlier visits included", async () => {
    const { caches, clock, tab } = setUp({ budget: 300 });
    await fetchAll(await tab("1"), "/a", "/b");
    clock.now += 2 * HOUR_MS;
    const later = await tab("1");
    await fetchAll(later, "/a");
    clock.now += 1;
    await fetchAll(later, "/c", "/d");
    const [cache] = caches.caches.values();
    expect([...cache!.stored.keys()].map((url) => new URL(url).pathname).sort()).toEqual(["/a", "/c", "/d"]);
  });

  it("are not written anew on every use", async () => {
    const { caches, clock, tab } = setUp();
    const kept = await tab("1");
    await fetchAll(kept, "/a");
    clock.now += HOUR_MS / 2;
    await fetchAll(kept, "/a", "/a");
    expect([...caches.caches.values()][0]!.puts).toBe(1);
  });

  it("make room when the browser's quota is reached, and are handed over all the same", async () => {
    const { caches, tab } = setUp({ budget: 400 });
    const kept = await tab("1");
    await fetchAll(kept, "/a", "/b", "/c");
    const [cache] = caches.caches.values();
    cache!.isFull = true;
    expect((await kept.fetch("/d")).byteLength).toBe(100);
    await kept.written();
    expect(cache!.stored.size).toBe(2);
  });

  it("are only fetched where there is no Cache API", async () => {
    const { download, tab } = setUp();
    await fetchAll(await tab("1", null), "/a", "/a");
    expect(download).toHaveBeenCalledTimes(2);
  });

  it("reject as the download does, keeping nothing", async () => {
    const { caches, download, tab } = setUp();
    const kept = await tab("1");
    download.mockRejectedValueOnce(new Error("embedding.not_ready"));
    await expect(kept.fetch("/a")).rejects.toThrow("embedding.not_ready");
    await kept.written();
    expect([...caches.caches.values()][0]!.stored.size).toBe(0);
  });
});

describe("what goes beyond a budget", () => {
  it("is nothing while all fits, and the oldest otherwise", () => {
    const entries = new Map([
      ["new", { bytes: 5, usedAt: 3 }],
      ["old", { bytes: 5, usedAt: 1 }],
      ["middle", { bytes: 5, usedAt: 2 }],
    ]);
    expect(beyondBudget(entries, 15)).toEqual([]);
    expect(beyondBudget(entries, 9)).toEqual(["old", "middle"]);
  });
});
