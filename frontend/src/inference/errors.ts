/** A failure of the decoder, with a stable code. */
export class InferenceError extends Error {
  override readonly name = "InferenceError";
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The request gave way to a newer one, or was aborted; nobody needs to be told. */
export class SupersededError extends Error {
  override readonly name = "SupersededError";
  constructor() {
    super("A newer request took this one's place.");
  }
}

/** Code and sentence of anything thrown, errors of other rooms with a `code` included. */
export function describeFailure(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error);
  const code = (error as { code?: unknown } | null)?.code;
  return { code: typeof code === "string" ? code : "decoder.failed", message };
}
