import { Box, Center, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useEffect, useRef, useState } from "react";
import { paintMasks, type MaskDrawing } from "../../canvas/paint";
import type { Size } from "../../geometry/size";

interface Props {
  readonly url: string;
  readonly alt: string;
  /** Of the original, whose pixels the masks are of. */
  readonly size: Size;
  readonly drawings: readonly MaskDrawing[];
}

const TALLEST = 0.72;

/** A photograph as large as fits, with masks over it. */
export function OutlineStage({ url, alt, size, drawings }: Props) {
  const { ref, width } = useElementSize();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [hasFailed, setFailed] = useState(false);
  const scale = width > 0 ? Math.min(width / size.width, (TALLEST * window.innerHeight) / size.height) : 0;
  const shown = { width: Math.round(size.width * scale), height: Math.round(size.height * scale) };
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || shown.width === 0) return;
    const ratio = window.devicePixelRatio;
    context.canvas.width = Math.round(shown.width * ratio);
    context.canvas.height = Math.round(shown.height * ratio);
    paintMasks(context, drawings, { scale: context.canvas.width / size.width, left: 0, top: 0 });
  }, [drawings, shown.width, shown.height, size.width]);
  return (
    <Box ref={ref} w="100%" data-testid="outline-stage">
      <Box pos="relative" mx="auto" style={{ ...shown, borderRadius: 8, overflow: "hidden" }}>
        {hasFailed ? (
          <Center h="100%">
            <Text c="dimmed">The photograph could not be loaded.</Text>
          </Center>
        ) : (
          <img
            src={url}
            alt={alt}
            width={shown.width}
            height={shown.height}
            style={{ display: "block" }}
            onError={() => setFailed(true)}
          />
        )}
        <canvas
          ref={canvas}
          style={{ position: "absolute", inset: 0, width: "100%", height: "100%" }}
          aria-hidden
        />
      </Box>
    </Box>
  );
}
