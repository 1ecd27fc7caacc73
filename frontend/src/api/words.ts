import type { DecoderOutput } from "../sam/candidates";
import { base64ToFloats } from "./base64";
import { client, dataOf } from "./client";

/** The word that a model has learned and that is nearest to the one asked for. */
export interface NearestWord {
  readonly name: string;
  /** Cosine of the two, at most 1. */
  readonly similarity: number;
  /** Whether it is near enough to be what was asked for. */
  readonly isKnown: boolean;
}

/** What a model makes of a word on an image. */
export interface WordAnswer {
  readonly nearest: NearestWord;
  readonly output: DecoderOutput;
  /** "name@version" of the model that answered. */
  readonly model: string;
}

/**
 * Asks the server for masks of what a word names. Throws `ApiError` `text.empty`, `text.unknown_word`, `model.no_words` and
 * `embedding.not_ready` among others.
 */
export async function askWord(
  imageId: number,
  word: string,
  model: string,
  signal: AbortSignal,
): Promise<WordAnswer> {
  const answer = await dataOf(
    client.POST("/api/v1/images/{image_id}/words/", {
      params: { path: { image_id: imageId } },
      body: { word, model },
      signal,
    }),
  );
  const { name, similarity, is_known: isKnown } = answer.nearest;
  return {
    nearest: { name, similarity, isKnown },
    output: {
      iouPredictions: Float32Array.from(answer.iou_predictions),
      lowResMasks: base64ToFloats(answer.low_res_masks),
    },
    model: answer.model,
  };
}
