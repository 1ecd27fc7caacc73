import type { InferenceSession } from "onnxruntime-web";

/** What every session of ours is made with, wherever it runs. */
export const SESSION_OPTIONS = {
  graphOptimizationLevel: "all",
  // Else its threads keep every core busy for a second after each answer, waiting for a next question.
  extra: { session: { force_spinning_stop: "1" } },
} as const satisfies InferenceSession.SessionOptions;
