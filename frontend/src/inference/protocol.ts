import type { ImageBox } from "../geometry/boxes";
import type { Size } from "../geometry/size";
import type { Rle } from "../masks/rle";
import type { DecoderOutput } from "../sam/candidates";
import type { PromptFeed } from "../sam/feeds";
import type { Manifest } from "../sam/manifest";
import type { Prompts } from "../sam/prompts";
import type { Capabilities, Rung } from "./rungs";

/** The decoder's ONNX files: `prepare` runs once per image, `click` once per prompt. */
export interface GraphFiles {
  readonly prepare: ArrayBuffer;
  readonly click: ArrayBuffer;
}

/** A model as it is handed to a worker: the decoder's graphs, or null for the server rung. */
export interface ModelFiles {
  readonly manifest: Manifest;
  readonly graphs: GraphFiles | null;
}

/** An image as it is handed to a worker: its embedding as little-endian float16, or null for the server rung. */
export interface OpenImage {
  readonly key: string;
  /** `modelKey` of the model that made the embedding. */
  readonly model: string;
  readonly size: Size;
  /** The part of the image that the embedding is of, null for all of it. Prompts and masks are the image's all the same. */
  readonly window: ImageBox | null;
  readonly embedding: ArrayBuffer | null;
}

export interface DecodeRequest {
  /** `OpenImage.key` of an opened image. */
  readonly image: string;
  readonly prompts: Prompts;
  readonly previousLowRes: Float32Array | null;
  /** A hover needs the best mask only; a click wants every candidate, a search those that are good enough. */
  readonly wanted: "best" | "all" | Quality;
}

/** A decode as a worker is asked for it. */
export interface DecodeQuestion extends DecodeRequest {
  /** `modelKey` of the model whose answer it is to be; of whichever the image is open for where none is named. */
  readonly model?: string;
}

/** What was decoded elsewhere for an opened image, to be read as an answer of this decoder's. */
export interface ReadRequest {
  /** `OpenImage.key` of an opened image. */
  readonly image: string;
  /** `modelKey` of the model that answered. */
  readonly model: string;
  readonly output: DecoderOutput;
  /** How many prompts were asked with, by which the candidates are ordered. */
  readonly prompts: number;
}

/** The least scores of a mask that is worth bringing to the original size. */
export interface Quality {
  readonly predictedIou: number;
  readonly stabilityScore: number;
}

/** A candidate at the original size. */
export interface DecodedMask {
  readonly candidate: number;
  readonly predictedIou: number;
  readonly stabilityScore: number;
  readonly lowRes: Float32Array;
  readonly rle: Rle;
}

export interface Decoded {
  /** Best first. */
  readonly masks: readonly DecodedMask[];
  /** `modelKey` of the model that answered. */
  readonly model: string;
  readonly rung: Rung;
  readonly decodeMs: number;
  readonly upsampleMs: number;
}

/** Decodes of a fixed, made-up embedding: to warm up, to time, and to compare rungs. */
export interface CheckResult {
  readonly output: DecoderOutput;
  /** Of one click, and of what is done once per image. */
  readonly medianMs: number;
  readonly prepareMs: number;
}

/** What a worker can be asked; the answer's type stands with each question. */
export interface Questions {
  start: { question: { rung: Rung; threads: number }; answer: null };
  capabilities: { question: null; answer: Capabilities };
  load: { question: ModelFiles; answer: null };
  check: { question: { model: string; runs: number }; answer: CheckResult };
  open: { question: OpenImage; answer: null };
  decode: { question: DecodeQuestion; answer: Decoded };
  read: { question: ReadRequest; answer: Decoded };
}
export type QuestionName = keyof Questions;

/** What a worker of the server rung asks of the page, which alone may fetch. */
export interface ServerDecodeRequest extends PromptFeed {
  readonly image: string;
  /** `modelKey` of the model in whose frame the prompts are: the image may be given another one meanwhile. */
  readonly model: string;
  readonly window: ImageBox | null;
  readonly maskInput: Float32Array | null;
}

export type ToWorker =
  | {
      [N in QuestionName]: { type: "question"; id: number; name: N; question: Questions[N]["question"] };
    }[QuestionName]
  | { type: "server-answer"; id: number; output: DecoderOutput }
  | { type: "server-failure"; id: number; code: string; message: string };

export type FromWorker =
  | { type: "answer"; id: number; answer: Questions[QuestionName]["answer"] }
  | { type: "failure"; id: number; code: string; message: string }
  | { type: "server-question"; id: number; request: ServerDecodeRequest };
