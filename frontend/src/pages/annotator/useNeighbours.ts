import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { useNavigate } from "react-router";
import { describeError } from "../../api/errors";
import type { ImageDetail } from "../../api/types";
import type { Hint } from "../../tools/keymap";
import { imageQuery } from "../queries";
import type { AnnotationSession } from "./session";

/** The ways to other images: as one is, or with copies of the selected masks. Null leads nowhere. */
export function useNeighbours(session: AnnotationSession, onHint: (hint: Hint) => void) {
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const goTo = useCallback(
    (imageId: number | null) => {
      if (imageId !== null) void navigate(`/images/${imageId}`);
    },
    [navigate],
  );
  /** The neighbour's size is asked for first: masks that do not fit it stay here. */
  const carry = async (imageId: number | null) => {
    let next: ImageDetail | null = null;
    try {
      // Its size never changes. No second try: a jump that comes later would be a surprise.
      const asked = { staleTime: Infinity, retry: false };
      if (imageId !== null) next = await queryClient.query({ ...imageQuery(imageId), ...asked });
    } catch (error) {
      onHint(`Nothing was copied. ${describeError(error).message}`);
      return;
    }
    const fits = session.copying.carryTo(
      next && { id: next.id, size: { height: next.height, width: next.width } },
    );
    if (fits) goTo(imageId);
  };
  return { goTo, carryTo: (imageId: number | null) => void carry(imageId) };
}
