import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { fetchImage } from "../../api/images";
import type { ImageDetail } from "../../api/types";
import { keys } from "../queries";
import { useServices, type Services } from "../services";
import { useMe } from "../session";
import { openMasks } from "./openMasks";
import { Prefetcher, type PrefetchParts } from "./prefetch";
import { openImage } from "./useDecoder";

/** Nothing is fetched ahead until no mask was asked for this long. */
const PAUSE_MS = 400;
const LOOK_AGAIN_MS = 100;

/** Fetches what comes after an image, once the image itself is there. Returns whether that is done. */
export function usePrefetch(image: ImageDetail, isLoaded: boolean): boolean {
  const services = useServices();
  const queryClient = useQueryClient();
  const me = useMe();
  const [prefetcher] = useState(() => new Prefetcher(partsOf(services, queryClient, me.id), mustSaveData));
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isLoaded) return;
    let isHere = true;
    void prefetcher.aim(image).then(() => isHere && setDone(true));
    return () => {
      isHere = false;
      prefetcher.stop();
    };
    // Polling makes new objects of the same image.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [prefetcher, image.id, image.next_id, image.previous_id, isLoaded]);
  return isDone;
}

function partsOf(services: Services, queryClient: QueryClient, ownerId: number): PrefetchParts {
  return {
    detail: (imageId) =>
      queryClient.query({ queryKey: keys.image(imageId), queryFn: () => fetchImage(imageId) }),
    parts: [
      async (image) => {
        await queryClient.query({
          queryKey: keys.masksAhead(image.id),
          queryFn: () => openMasks(services, ownerId, image.id),
          staleTime: 0,
        });
      },
      (image, signal) => services.photographs.load(image.preview_url, signal),
      async (image, signal) => {
        if (image.embedding.state === "ready") await openImage(services, image, signal);
      },
    ],
    pause: (signal) => pause(services, signal),
  };
}

async function pause({ bridge }: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && (document.hidden || !bridge.isQuietSince(PAUSE_MS))) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
  // Safari has no idle callbacks.
  await new Promise<void>((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve());
    else setTimeout(resolve, LOOK_AGAIN_MS);
  });
}

function mustSaveData(): boolean {
  return (navigator as { connection?: { saveData?: boolean } }).connection?.saveData === true;
}
