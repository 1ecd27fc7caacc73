import { Anchor, Button, Group, Kbd, ScrollArea, Stack, Text, Tooltip } from "@mantine/core";
import type { ReactNode } from "react";
import type { Label } from "../../api/types";
import { CandidateCards } from "../../components/annotator/CandidateCards";
import { CHOICE_EXPLAINED } from "../../components/annotator/candidateNames";
import { ConflictList } from "../../components/annotator/ConflictList";
import { LabelPicker } from "../../components/annotator/LabelPicker";
import { MaskMenu } from "../../components/annotator/MaskMenu";
import { MaskList } from "../../components/annotator/MaskList";
import * as actions from "../../state/actions";
import type { AnnotationState, Candidate } from "../../state/annotation";
import { editTarget, maskSelectionToggled } from "../../state/editing";
import type { MaskOperation } from "../../state/maskOperations";
import type { Conflict } from "../../state/pendingChange";
import type { Command } from "../../tools/keymap";
import type { AnnotationSession, SessionView } from "./session";

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
  readonly onOperation: (operation: MaskOperation) => void;
  readonly onLabel: (labelId: number) => void;
}

/** The panel beside the image: label, the mask being made, the masks that are saved. */
export function AnnotatorSide({ session, state, view, labels, conflicts, areSavedShown, ...on }: Props) {
  const { store } = session;
  return (
    <aside className="annotator-side">
      <ScrollArea style={{ flex: 1 }} type="auto">
        <Stack gap="lg" p="sm">
          <ConflictList
            conflicts={conflicts}
            labels={labels}
            onChoose={(conflict, choice) => session.decide(conflict, choice)}
          />
          <Section title="Label">
            <LabelPicker labels={labels} labelId={state.labelId} onChoose={on.onLabel} />
          </Section>
          <Section title="Mask">
            <CurrentMask
              state={state}
              view={view}
              onAccept={on.onAccept}
              onCommand={on.onCommand}
              canRefine={on.canRefine}
              onOperation={on.onOperation}
              thumbnailUrl={on.thumbnailUrl}
              isPickerShown={on.isPickerShown}
              onShowPicker={on.onShowPicker}
              onPeek={(candidate) => session.prompting.peek(candidate)}
              onChoose={(index) => store.apply((now) => actions.candidateChosen(now, index))}
            />
          </Section>
          <Section
            title={`Saved masks (${state.masks.size})`}
            note={areSavedShown ? null : "hidden, H shows them"}
          >
            <MaskList
              masks={[...state.masks.values()]}
              labels={labels}
              selectedId={state.selectedId}
              alsoSelectedIds={state.alsoSelectedIds}
              hiddenIds={state.hiddenIds}
              onToggleSelected={(id) => store.apply((now) => maskSelectionToggled(now, id))}
              onSelect={(id) =>
                store.apply((now) => actions.maskSelected(now, now.selectedId === id ? null : id))
              }
              onToggleVisibility={(id) => store.apply((now) => actions.maskVisibilityToggled(now, id))}
              onRelabel={(id, labelId) => store.apply((now) => actions.maskRelabelled(now, id, labelId))}
              onDelete={(id) => store.apply((now) => actions.maskDeleted(now, id))}
            />
          </Section>
        </Stack>
      </ScrollArea>
    </aside>
  );
}

function CurrentMask({
  state,
  view,
  onAccept,
  onCommand,
  onChoose,
  onPeek,
  canRefine,
  onOperation,
  thumbnailUrl,
  isPickerShown,
  onShowPicker,
}: Omit<Props, "session" | "conflicts" | "labels" | "areSavedShown" | "onLabel"> & {
  readonly onChoose: (index: number) => void;
  readonly onPeek: (candidate: Candidate | null) => void;
}) {
  const { candidates, chosen } = state.draft;
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
        <Text size="xs" c="dimmed" px={4}>
          Brush, eraser, polygon and rectangle change the selected mask.
        </Text>
      </Stack>
    ) : (
      <Text size="sm" c="dimmed" px={8}>
        {view.pending ? "Decoding…" : "Point at something and click, or drag a box around it."}
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
      <Text size="xs" c="dimmed" px={4}>
        <Tooltip label={CHOICE_EXPLAINED} multiline w={280}>
          <span style={{ cursor: "help" }}>
            <Kbd size="xs">Tab</Kbd> goes to the next one.
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
}

function Section({ title, note, children }: { title: string; note?: string | null; children: ReactNode }) {
  return (
    <section>
      <Group justify="space-between" px={8} mb={6}>
        <Text component="h2" size="xs" fw={700} c="dimmed" tt="uppercase" lts="0.04em">
          {title}
        </Text>
        {note && (
          <Text size="xs" c="dimmed">
            {note}
          </Text>
        )}
      </Group>
      {children}
    </section>
  );
}
