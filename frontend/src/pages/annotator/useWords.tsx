import { useQuery } from "@tanstack/react-query";
import { type ReactNode, type RefObject } from "react";
import { fetchManifest } from "../../api/models";
import type { ImageDetail } from "../../api/types";
import type { StageHandle } from "../../components/annotator/CanvasStage";
import { useStable } from "../../components/common/useStable";
import { WordField } from "../../components/annotator/WordField";
import { readManifest } from "../../sam/manifest";
import type { Hint } from "../../tools/keymap";
import type { ToolName } from "../../tools/tool";
import { keys } from "../queries";
import type { AnnotationSession } from "./session";
import type { SessionView } from "./sessionView";

interface Asking {
  readonly session: AnnotationSession;
  readonly view: SessionView;
  /** The image as it is worked with. */
  readonly worked: ImageDetail;
  readonly isReady: boolean;
  readonly stage: RefObject<StageHandle | null>;
  readonly chooseTool: (tool: ToolName) => void;
  readonly onHint: (hint: Hint) => void;
}

interface Words {
  /** For the tool strip: whether the model can be asked with words at all, and whether the field is open. */
  readonly strip: { readonly hasWords: boolean; readonly isWordOpen: boolean };
  /** Opens the field, or closes it. */
  readonly toggle: () => void;
  /** The field, while it is open. */
  readonly content: ReactNode;
}

/** Asking with words, where the model of the image has learned some. */
export function useWords({ session, view, worked, isReady, stage, chooseTool, onHint }: Asking): Words {
  const { name, version } = worked.embedding.model;
  const { data: vocabulary = null, isPending } = useQuery({
    queryKey: keys.vocabulary(name, version),
    queryFn: async () => readManifest(await fetchManifest(name, version)).words,
    // A version never changes.
    staleTime: Infinity,
    // What the first mask needs comes first.
    enabled: isReady,
  });
  const { prompting } = session;
  const focusStage = useStable(() => stage.current?.focus());
  const areKnown = vocabulary !== null && vocabulary.length > 0;
  const { wordField } = view;
  return {
    strip: { hasWords: areKnown, isWordOpen: wordField !== null },
    toggle: () => {
      if (!isReady || isPending) onHint("The decoder is not ready yet.");
      else if (!areKnown) onHint("The model of this image knows no words: click, or drag a box.");
      else if (!prompting.closeWord()) {
        chooseTool("smart");
        prompting.openWord();
      }
    },
    content: vocabulary && wordField && (
      <WordField
        vocabulary={vocabulary}
        asked={wordField.asked}
        failure={wordField.failure}
        onAsk={(word) => session.askWord(word)}
        onClose={() => prompting.closeWord()}
        onLeft={focusStage}
      />
    ),
  };
}
