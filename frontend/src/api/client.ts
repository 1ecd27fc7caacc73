import createClient, { type Middleware } from "openapi-fetch";
import { apiError, ApiError, UNREACHABLE } from "./errors";
import type { paths } from "./schema";

const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Django's token against cross-site requests, as the cookie carries it; empty before the first `me`. */
export function csrfToken(): string {
  return /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

const csrf: Middleware = {
  onRequest({ request }) {
    if (!SAFE_METHODS.has(request.method)) request.headers.set("X-CSRFToken", csrfToken());
    return request;
  },
  onError() {
    return unreachable();
  },
};

export const client = createClient<paths, "application/json">({ baseUrl: "", credentials: "same-origin" });
client.use(csrf);

const LONGEST_SAVE_MS = 60_000;

/** Ends a request that hangs, as if the server had not been reached: what waits behind it would wait for ever. */
export function timeLimit(): AbortSignal {
  return AbortSignal.timeout(LONGEST_SAVE_MS);
}

interface Answer<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

function unreachable(): ApiError {
  return new ApiError(0, UNREACHABLE, "The server cannot be reached. Check the connection and try again.");
}

/** An answer that breaks off, or is no JSON, is none: nobody knows what the server did. `onError` hears of neither. */
async function whole<Data>(pending: Promise<Answer<Data>>): Promise<Answer<Data>> {
  try {
    return await pending;
  } catch (error) {
    throw error instanceof ApiError ? error : unreachable();
  }
}

/** The data of an answer. Throws `ApiError` for anything but a success. */
export async function dataOf<Data>(pending: Promise<Answer<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await whole(pending);
  if (!response.ok || data === undefined || data === null) throw apiError(response.status, error);
  return data;
}

/** For answers without a body. Throws `ApiError` for anything but a success. */
export async function done(pending: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await whole(pending);
  if (!response.ok) throw apiError(response.status, error);
}

/** The bytes at one of the API's own urls. Throws `ApiError`. */
export async function fetchBytes(
  url: string,
  signal?: AbortSignal,
  cache: RequestCache = "default",
): Promise<ArrayBuffer> {
  try {
    const response = await fetch(url, { credentials: "same-origin", cache, ...(signal ? { signal } : {}) });
    if (!response.ok) throw apiError(response.status, await response.json().catch(() => null));
    return await response.arrayBuffer();
  } catch (error) {
    if (signal?.aborted || error instanceof ApiError) throw error;
    throw unreachable();
  }
}
