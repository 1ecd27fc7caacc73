import type { DecoderOutput } from "../sam/candidates";
import type { PromptFeed } from "../sam/feeds";
import type { Manifest } from "../sam/manifest";
import type { GraphFiles } from "./protocol";

/** What `prepare` made of one image, where the runtime wants it. */
export interface PreparedImage {
  readonly bytes: number;
  /** Gives the memory back once no decode that was asked for before needs it. */
  dispose(): void;
}

/** One model's decoder, ready to run. Its calls take their turns, and say when theirs has come. */
export interface Decoder {
  /** `embedding` has the manifest's `embeddingShape`. */
  prepare(embedding: Float32Array, onTurn?: () => void): Promise<PreparedImage>;
  click(
    image: PreparedImage,
    feed: PromptFeed,
    previousLowRes: Float32Array | null,
    onTurn?: () => void,
  ): Promise<DecoderOutput>;
}

/** Makes decoders. A runtime belongs to one rung for the life of its worker. */
export type Runtime = (graphs: GraphFiles, manifest: Manifest) => Promise<Decoder>;
