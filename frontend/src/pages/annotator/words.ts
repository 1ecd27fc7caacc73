import { askWord, type NearestWord } from "../../api/words";
import type { ImageDetail } from "../../api/types";
import type { DecoderBridge } from "../../inference/bridge";
import { InferenceError } from "../../inference/errors";
import { imageKey } from "../../inference/imageKeys";
import type { Decoded } from "../../inference/protocol";
import { rleArea } from "../../masks/rle";
import { modelKey } from "../../sam/manifest";
import { unknownWordNote } from "../../state/words";

export interface FoundWord {
  readonly nearest: NearestWord;
  readonly decoded: Decoded;
}

/** A word is as ambiguous as one click: the decoder's masks of whole, part and subpart are offered. */
const PROMPTS = 1;

/**
 * The server's masks of what a word names on an image, as the decoder here would have answered. Throws `ApiError`, and
 * `InferenceError` where nothing was found, or where another model answered than is worked with: clicks could not go on
 * from its masks.
 */
export async function findWord(
  bridge: Pick<DecoderBridge, "read">,
  image: ImageDetail,
  word: string,
  onOtherModel: () => void,
  signal: AbortSignal,
): Promise<FoundWord> {
  const model = modelKey(image.embedding.model);
  const { nearest, output, model: answering } = await askWord(image.id, word, model, signal);
  signal.throwIfAborted();
  if (answering !== model) {
    onOtherModel();
    throw new InferenceError(
      "word.other_model",
      `The word was answered by ${answering}, the image is worked on with ${model}.`,
    );
  }
  const decoded = await bridge.read({ image: imageKey(image.id), model, output, prompts: PROMPTS });
  // A model may answer a word for what is not there with nothing.
  const masks = decoded.masks.filter(({ rle }) => rleArea(rle) > 0);
  if (masks.length === 0) {
    const note = unknownWordNote({ word, nearest });
    const nothing = `Nothing here looks like “${word}”.`;
    throw new InferenceError("word.nothing_found", note === null ? nothing : `${nothing} ${note}`);
  }
  return { nearest, decoded: { ...decoded, masks } };
}
