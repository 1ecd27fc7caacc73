import { fetchBytes } from "./client";

/** The parts of the Cache API used here, so that a test can stand in for them. */
export interface ByteCache {
  match(url: string): Promise<Response | undefined>;
  put(url: string, response: Response): Promise<void>;
  delete(url: string): Promise<boolean>;
  keys(): Promise<readonly { readonly url: string }[]>;
}
export interface ByteCaches {
  open(name: string): Promise<ByteCache>;
  keys(): Promise<string[]>;
  delete(name: string): Promise<boolean>;
}

interface Kept {
  readonly bytes: number;
  readonly usedAt: number;
}

const NAME = "anymask-bytes-1-";
/** 256 embeddings of the default model. */
const BUDGET_BYTES = 256 * 2 ** 20;
/** How exactly "used last" is known: an entry is written anew at most this often. */
const TOUCH_MS = 60 * 60 * 1000;
const USED_AT = "x-used-at";
const BYTES = "x-bytes";

/**
 * Bytes whose address changes whenever they do (the embeddings), kept across reloads and read without asking the
 * server. They belong to one person: whoever comes after does not find them. Beyond the budget, those used longest ago
 * go. A browser without the Cache API (plain http on another host), or one that refuses it, just fetches.
 */
export class KeptBytes {
  private owner: string | null = null;
  private cache: Promise<ByteCache | null> = Promise.resolve(null);
  private entries: Promise<Map<string, Kept>> | null = null;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly caches: ByteCaches | null = "caches" in globalThis ? globalThis.caches : null,
    private readonly download: typeof fetchBytes = fetchBytes,
    private readonly budgetBytes = BUDGET_BYTES,
    private readonly now: () => number = Date.now,
  ) {}

  /** Whose bytes these are from now on; those of anybody else are deleted. Nobody's, nothing is kept. */
  belongTo(owner: string | null): Promise<void> {
    if (owner === null || owner !== this.owner) {
      this.owner = owner;
      this.entries = null;
      this.cache = this.change(owner).catch(() => null);
    }
    return this.cache.then(() => undefined);
  }

  /** The bytes at a url, from the server only when they are not here. Throws `ApiError`. */
  async fetch(url: string, signal?: AbortSignal): Promise<ArrayBuffer> {
    const cache = await this.cache;
    if (!cache) return this.download(url, signal);
    const found = await cache.match(url).catch(() => undefined);
    if (found) {
      const bytes = await found.arrayBuffer();
      if (this.now() - Number(found.headers.get(USED_AT)) > TOUCH_MS) this.keep(cache, url, bytes);
      return bytes;
    }
    // Kept here and not in the browser's own cache too, which nobody empties when people log out.
    const bytes = await this.download(url, signal, "no-store");
    this.keep(cache, url, bytes);
    return bytes;
  }

  /** Resolves when all that was fetched is written. */
  async written(): Promise<void> {
    await this.writing;
  }

  private async change(owner: string | null): Promise<ByteCache | null> {
    if (!this.caches) return null;
    const name = NAME + (owner ?? "");
    for (const other of await this.caches.keys()) {
      if (other.startsWith(NAME) && other !== name) await this.caches.delete(other);
    }
    return owner === null ? null : this.caches.open(name);
  }

  private keep(cache: ByteCache, url: string, bytes: ArrayBuffer): void {
    // One after the other, so that each counts what those before it wrote.
    this.writing = this.writing.then(() => this.write(cache, url, bytes)).catch(() => undefined);
  }

  private async write(cache: ByteCache, url: string, bytes: ArrayBuffer): Promise<void> {
    if ((await this.cache) !== cache) return;
    const entries = await (this.entries ??= readEntries(cache));
    const kept = { bytes: bytes.byteLength, usedAt: this.now() };
    const headers = { [USED_AT]: String(kept.usedAt), [BYTES]: String(kept.bytes) };
    const drop = async (budget: number) => {
      for (const old of beyondBudget(entries, budget)) {
        entries.delete(old);
        await cache.delete(old);
      }
    };
    try {
      await cache.put(url, new Response(bytes, { headers }));
    } catch {
      // The browser's quota is smaller than our budget: make room, this one is fetched again some day.
      return drop(this.budgetBytes / 2);
    }
    entries.set(absolute(url), kept);
    await drop(this.budgetBytes);
  }
}

/** Urls to drop, those used longest ago first, so that the rest fits. */
export function beyondBudget(entries: ReadonlyMap<string, Kept>, budgetBytes: number): string[] {
  let total = 0;
  for (const { bytes } of entries.values()) total += bytes;
  const dropped: string[] = [];
  for (const [url, { bytes }] of [...entries].sort(([, a], [, b]) => a.usedAt - b.usedAt)) {
    if (total <= budgetBytes) break;
    dropped.push(url);
    total -= bytes;
  }
  return dropped;
}

async function readEntries(cache: ByteCache): Promise<Map<string, Kept>> {
  const entries = new Map<string, Kept>();
  for (const { url } of await cache.keys()) {
    const headers = (await cache.match(url))?.headers;
    entries.set(url, { bytes: Number(headers?.get(BYTES)), usedAt: Number(headers?.get(USED_AT)) });
  }
  return entries;
}

/** As the cache itself names its entries. */
function absolute(url: string): string {
  return new URL(url, globalThis.location.href).href;
}
