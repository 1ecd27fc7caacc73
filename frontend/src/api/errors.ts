/** An answer that is not a success, or none at all: stable code, sentence, and what the server adds. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    /** HTTP status; 0 when the server was not reached. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Whether the same request may well succeed later: no connection, an overloaded or restarting server. */
  get isTransient(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export const UNREACHABLE = "network.unreachable";
export const NOT_AUTHENTICATED = "auth.not_authenticated";
export const OTHER_USER = "auth.other_user";
export const CSRF_FAILED = "auth.csrf_failed";
export const STALE_REVISION = "mask.stale_revision";

/** Whether the request failed because nobody is logged in any more, or somebody else is. */
export function isLoggedOut(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 401 || error.code === OTHER_USER);
}

/** The error of a failed answer's body; bodies of proxies and the like become a general one. */
export function apiError(status: number, body: unknown): ApiError {
  const record = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const { code, message, extra } = record;
  return new ApiError(
    status,
    typeof code === "string" ? code : `http.${status}`,
    typeof message === "string" ? message : `The server answered with status ${status}.`,
    typeof extra === "object" && extra !== null ? (extra as Record<string, unknown>) : {},
  );
}

/** Code and sentence of anything caught, for showing. */
export function describeError(error: unknown): { code: string; message: string } {
  if (error instanceof Error) {
    const code = (error as { code?: unknown }).code;
    return { code: typeof code === "string" ? code : "unexpected", message: error.message };
  }
  return { code: "unexpected", message: "Something unexpected happened." };
}
