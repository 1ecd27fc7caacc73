import { useEffect, useState } from "react";
import { describeError } from "../../api/errors";
import { fetchManifest } from "../../api/models";
import type { Image } from "../../api/types";
import { imageKey } from "../../inference/imageKeys";
import { modelKey, readManifest } from "../../sam/manifest";
import { fetchModelFiles } from "../modelFiles";
import type { Services } from "../services";

/** How far the decoder is with an image. */
export type DecoderState =
  | { readonly kind: "waiting" }
  | { readonly kind: "loading" }
  | { readonly kind: "ready" }
  | { readonly kind: "failed"; readonly code: string; readonly message: string };

type DecoderServices = Pick<Services, "bridge" | "embeddings">;

/** Loads the model and the image's embedding into the decoder as soon as the embedding is ready. */
export function useDecoder(
  services: DecoderServices,
  image: Image,
): { state: DecoderState; retry: () => void } {
  const [attempt, setAttempt] = useState(0);
  const [outcome, setOutcome] = useState<{ key: string; state: DecoderState } | null>(null);
  const isEmbedded = image.embedding.state === "ready";
  const key = `${image.id} ${embeddingKey(image)} ${attempt}`;

  useEffect(() => {
    if (!isEmbedded) return;
    const abort = new AbortController();
    openImage(services, image, abort.signal).then(
      () => {
        if (!abort.signal.aborted) setOutcome({ key, state: { kind: "ready" } });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setOutcome({ key, state: { kind: "failed", ...describeError(error) } });
      },
    );
    return () => abort.abort();
    // `key` stands for the image's fields used here; polling makes new objects of the same image.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [services, key, isEmbedded]);

  const retry = () => setAttempt((value) => value + 1);
  if (!isEmbedded) return { state: { kind: "waiting" }, retry };
  if (outcome?.key === key) return { state: outcome.state, retry };
  const isOpen = services.bridge.isOpen(imageKey(image.id), modelOf(image));
  return { state: { kind: isOpen ? "ready" : "loading" }, retry };
}

/** Fetches what the rung in use needs and hands it over. Throws `ApiError` and `InferenceError`. */
export async function openImage(services: DecoderServices, image: Image, signal: AbortSignal): Promise<void> {
  const model = modelOf(image);
  const key = imageKey(image.id);
  const { bridge } = services;
  // Somebody may be opening it ahead of its turn; how that ends is how this ends.
  const opening = bridge.keepOpen(key, model);
  if (opening) return opening;
  const embedding = await prepareImage(services, image, signal);
  const size = { height: image.height, width: image.width };
  await bridge.open({ key, model, size, window: null, embedding });
}

/**
 * Loads the model of an image's embedding, so that opening the image takes no time. Resolves with the embedding, null
 * where the server decodes. Throws `ApiError` and `InferenceError`.
 */
export async function prepareImage(
  { bridge, embeddings }: DecoderServices,
  image: Image,
  signal: AbortSignal,
): Promise<ArrayBuffer | null> {
  const { name, version } = image.embedding.model;
  const isLocal = await bridge.needsFiles();
  const embedding = isLocal ? embeddings.fetch(image.embedding_url, signal) : Promise.resolve(null);
  // It is awaited below; this keeps an early failure of it from being reported as unhandled.
  embedding.catch(() => undefined);
  if (!bridge.hasModel({ name, version })) {
    const manifest = readManifest(await fetchManifest(name, version));
    await bridge.load(await fetchModelFiles(manifest, isLocal));
  } else {
    await bridge.settled();
  }
  return embedding;
}

/**
 * What the decoder is opened with: of another model also where the bytes are the same, as those of models that differ in
 * the decoder alone are.
 */
export function embeddingKey(image: Pick<Image, "embedding" | "embedding_url">): string {
  return `${modelOf(image)} ${image.embedding_url}`;
}

/** `modelKey` of the model with which the image is embedded. */
export function modelOf({ embedding }: Pick<Image, "embedding">): string {
  return modelKey(embedding.model);
}
