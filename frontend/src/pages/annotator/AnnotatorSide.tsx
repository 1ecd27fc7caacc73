import { Anchor, Button, Group, Kbd, Stack, Text, Tooltip } from "@mantine/core";
import { memo, type ReactNode } from "react";
import type { Label } from "../../api/types";
import { CandidateCards } from "../../components/annotator/CandidateCards";
import { CHOICE_EXPLAINED } from "../../components/annotator/candidateNames";
import { useStable } from "../../components/common/useStable";
import { useIsClassFree } from "../../components/annotator/ClassFreeContext";
import { ConflictList } from "../../components/annotator/ConflictList";
import { useKeyText } from "../../components/annotator/KeymapContext";
import { LabelPicker } from "../../components/annotator/LabelPicker";
import { MaskMenu } from "../../components/annotator/MaskMenu";
import { ObjectPanel } from "../../components/annotator/objects/ObjectPanel";
import * as actions from "../../state/actions";
import type { AnnotationState, Candidate } from "../../state/annotation";
import { editTarget } from "../../state/editing";
import type { MaskOperation } from "../../state/maskOperations";
import type { Conflict } from "../../state/pendingChange";
import type { ViewOptions } from "../../state/viewOptions";
import type { Command } from "../../tools/commands";
import type { AnnotationSession } from "./session";
import { isAsking } from "./promptingView";
import type { SessionView } from "./sessionView";
import type { Objects } from "./useObjects";

interface Props {
  readonly session: AnnotationSession;
  readonly state: AnnotationState;
  readonly view: SessionView;
  readonly labels: readonly Label[];
  readonly conflicts: readonly Conflict[];
  readonly areSavedShown: boolean;
  readonly thumbnailUrl: string;
  readonly isPickerShown: boolean;
  readonly onShowPicker: () => void;
  readonly onAccept: () => void;
  readonly onCommand: (command: Command) => void;
  readonly canRefine: boolean;
  readonly onLabel: (labelId: number | null) => void;
  readonly objects: Objects;
  readonly viewOptions: ViewOptions;
}

/** The panel beside the image: label, the mask being made, the masks that are saved. */
export function AnnotatorSide({
  session,
  state,
  view,
  labels,
  conflicts,
  objects,
  viewOptions,
  ...on
}: Props) {
  const isClassFree = useIsClassFree();
  const peek = useStable((candidate: Candidate | null) => session.prompting.peek(candidate));
  const operate = useStable((operation: MaskOperation) => session.operate(operation));
  const choose = useStable((index: number) =>
    session.store.apply((now) => actions.candidateChosen(now, index)),
  );
  return (
    <aside className="annotator-side" aria-label={isClassFree ? "Masks" : "Labels and masks"}>
      {(!isClassFree || conflicts.length > 0) && (
        <Stack className="annotator-side-labels" gap="md" p="sm">
          <ConflictList
            conflicts={conflicts}
            labels={labels}
            onChoose={(conflict, choice) => session.decide(conflict, choice)}
          />
          {!isClassFree && (
            <Section title="Label">
              <LabelPicker labels={labels} labelId={state.labelId} onChoose={on.onLabel} />
            </Section>
          )}
        </Stack>
      )}
      <div className="annotator-side-mask">
        <Section title="Mask">
          <CurrentMask
            state={state}
            isDecoding={isAsking(view)}
            onAccept={on.onAccept}
            onCommand={on.onCommand}
            canRefine={on.canRefine}
            onOperation={operate}
            thumbnailUrl={on.thumbnailUrl}
            isPickerShown={on.isPickerShown}
            onShowPicker={on.onShowPicker}
            onPeek={peek}
            onChoose={choose}
          />
        </Section>
      </div>
      <ObjectPanel
        state={state}
        labels={labels}
        rows={objects.rows}
        search={objects.search}
        sorting={objects.sorting}
        authors={objects.authors}
        hoveredId={objects.hovered?.id ?? null}
        isHoveredOnImage={objects.hovered?.isOnImage ?? false}
        areSavedShown={on.areSavedShown}
        colorBy={viewOptions.colorBy}
        onSearchBox={objects.setSearchBox}
        actions={objects.actions}
        onSearch={objects.setSearch}
        onSort={objects.setSorting}
        onCommand={on.onCommand}
      />
    </aside>
  );
}

const CurrentMask = memo(function CurrentMask({
  state,
  isDecoding,
  onAccept,
  onCommand,
  onChoose,
  onPeek,
  canRefine,
  onOperation,
  thumbnailUrl,
  isPickerShown,
  onShowPicker,
}: Omit<
  Props,
  "session" | "view" | "conflicts" | "labels" | "areSavedShown" | "onLabel" | "objects" | "viewOptions"
> & {
  readonly isDecoding: boolean;
  readonly onOperation: (operation: MaskOperation) => void;
  readonly onChoose: (index: number) => void;
  readonly onPeek: (candidate: Candidate | null) => void;
}) {
  const { candidates, chosen } = state.draft;
  const nextKey = useKeyText()({ name: "nextCandidate" });
  const target = editTarget(state);
  const menu = target && (
    <MaskMenu
      isSaved={target.id !== null}
      others={state.alsoSelectedIds.size}
      canRefine={canRefine}
      onCommand={onCommand}
      onOperation={onOperation}
    />
  );
  if (candidates.length === 0) {
    return menu ? (
      <Stack gap="xs">
        {menu}
        <Text size="xs" className="faint" px={4}>
          Brush, eraser, polygon and rectangle change the selected mask.
        </Text>
      </Stack>
    ) : (
      <Text size="sm" className="faint" px={8}>
        {isDecoding ? "Decoding…" : "Point at something and click, or drag a box around it."}
      </Text>
    );
  }
  return (
    <Stack gap="xs">
      <CandidateCards
        candidates={candidates}
        chosen={chosen}
        thumbnailUrl={thumbnailUrl}
        onChoose={onChoose}
        onPeek={onPeek}
        testId="candidate"
      />
      <Text size="xs" className="faint" px={4}>
        <Tooltip label={CHOICE_EXPLAINED} multiline w={280}>
          <span style={{ cursor: "help" }}>
            <Kbd size="xs">{nextKey || "Beside the mask"}</Kbd> goes to the next one.
          </span>
        </Tooltip>{" "}
        Click to add, right click to take away, drag a click to move it.
        {!isPickerShown && (
          <>
            {" "}
            <Anchor component="button" type="button" fz="xs" data-testid="picker-show" onClick={onShowPicker}>
              Choose beside the mask
            </Anchor>
          </>
        )}
      </Text>
      {menu}
      <Group grow gap="xs">
        <Button size="xs" variant="default" onClick={() => onCommand({ name: "cancel" })}>
          Cancel
        </Button>
        <Button size="xs" onClick={onAccept} data-testid="mask-save">
          {state.draft.refinedId === null ? "Save mask" : "Save changes"}
        </Button>
      </Group>
    </Stack>
  );
});

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <Text component="h2" size="xs" fw={700} className="faint" tt="uppercase" lts="0.04em" px={8} mb={6}>
        {title}
      </Text>
      {children}
    </section>
  );
}
