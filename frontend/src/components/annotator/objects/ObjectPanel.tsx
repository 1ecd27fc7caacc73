import { Anchor, Group, Text } from "@mantine/core";
import { memo, useMemo, useState } from "react";
import type { Label } from "../../../api/types";
import { rgbOf, hexOf, maskColor } from "../../../canvas/colors";
import type { AnnotationState } from "../../../state/annotation";
import type { ObjectRow, Sorting } from "../../../state/objectList";
import { selectedIds } from "../../../state/selection";
import { isShown } from "../../../state/visibility";
import type { ViewOptions } from "../../../state/viewOptions";
import type { Command } from "../../../tools/commands";
import { useIsClassFree } from "../ClassFreeContext";
import { useKeyText } from "../KeymapContext";
import { AttributePanel } from "./AttributePanel";
import { ListMenu } from "./ListMenu";
import type { ObjectActions } from "./objectActions";
import { ObjectRows } from "./ObjectRows";
import { ObjectSearch } from "./ObjectSearch";
import { SelectionBar } from "./SelectionBar";

interface Props {
  readonly state: AnnotationState;
  readonly labels: readonly Label[];
  readonly rows: readonly ObjectRow[];
  readonly search: string;
  readonly sorting: Sorting;
  readonly authors: readonly string[];
  readonly hoveredId: string | null;
  readonly isHoveredOnImage: boolean;
  readonly areSavedShown: boolean;
  readonly colorBy: ViewOptions["colorBy"];
  readonly onSearchBox: (box: HTMLInputElement | null) => void;
  readonly actions: ObjectActions;
  readonly onSearch: (search: string) => void;
  readonly onSort: (sorting: Sorting) => void;
  readonly onCommand: (command: Command) => void;
}

/** The saved masks of the image: found, looked at, said something of, several at once. */
export const ObjectPanel = memo(function ObjectPanel(props: Props) {
  const { state, labels, rows, actions } = props;
  const acceptKey = useKeyText()({ name: "accept" });
  const total = state.masks.size;
  const [selectsSeveral, setSelectsSeveral] = useState(false);
  // The same object from one drawing to the next, or every row would be drawn again.
  const rowActions = useMemo(
    () => (selectsSeveral ? addingActions(actions) : actions),
    [actions, selectsSeveral],
  );
  const ids = selectedIds(state);
  const selected = new Set(ids);
  const isClassFree = useIsClassFree();
  const unlabelled = isClassFree
    ? 0
    : [...state.masks.values()].filter(({ labelId }) => labelId === null).length;
  const attributes = sharedAttributes(state, ids, labels);
  return (
    <section className="object-panel" aria-label="Saved masks">
      <Group justify="space-between" px={16} pt={8} pb={6} wrap="nowrap">
        <Text
          component="h2"
          size="xs"
          fw={700}
          className="faint"
          tt="uppercase"
          lts="0.04em"
          style={{ whiteSpace: "nowrap" }}
        >
          Saved masks ({rows.length === total ? total : `${rows.length} of ${total}`})
        </Text>
        <Group gap={6} wrap="nowrap" style={{ minWidth: 0 }}>
          <Notes {...props} unlabelled={unlabelled} />
          <ListMenu
            isEmpty={rows.length === 0}
            selectsSeveral={selectsSeveral}
            onSelectSeveral={setSelectsSeveral}
            onCommand={props.onCommand}
          />
        </Group>
      </Group>
      {total > 0 && (
        <ObjectSearch
          onBox={props.onSearchBox}
          search={props.search}
          sorting={props.sorting}
          labels={labels}
          authors={props.authors}
          onSearch={props.onSearch}
          onSort={props.onSort}
        />
      )}
      {total > 0 && (
        // There all the time: the rows below must not move under a pointer that clicks a second time.
        <div className="selection-room">
          {ids.length > 0 ? (
            <SelectionBar
              count={ids.length}
              labels={labels}
              isSolo={state.soloHiddenIds.size > 0}
              onRelabel={(labelId) => actions.relabel(ids, labelId)}
              onCommand={props.onCommand}
            />
          ) : (
            <Text size="xs" className="faint">
              A click selects, a double click goes there.
            </Text>
          )}
        </div>
      )}
      {rows.length > 0 ? (
        <ObjectRows
          rows={rows}
          selectedId={state.selectedId}
          selected={selected}
          hidden={(id) => !isShown(state, id)}
          lockedIds={state.lockedIds}
          hoveredId={props.hoveredId}
          isHoveredOnImage={props.isHoveredOnImage}
          colorOf={({ mask, label }) =>
            hexOf(maskColor(mask, label ? rgbOf(label.color) : undefined, props.colorBy))
          }
          actions={rowActions}
        />
      ) : (
        <Text size="sm" className="faint" px={16} py={4}>
          {total === 0
            ? `None yet. Point at something, click, ${acceptKey ? `press ${acceptKey}` : "save"}.`
            : "No mask fits this search."}
        </Text>
      )}
      {attributes.length > 0 && (
        <AttributePanel
          masks={ids.map((id) => state.masks.get(id)!)}
          attributes={attributes}
          onDescribe={(attributeId, value) => actions.describe(ids, attributeId, value)}
        />
      )}
    </section>
  );
});

/** What keeps masks from being seen, and how to see them again; what is still to be labelled. */
function Notes({
  state,
  areSavedShown,
  unlabelled,
  actions,
  onSearch,
}: Props & { readonly unlabelled: number }) {
  const key = useKeyText()({ name: "toggleSaved" });
  if (!areSavedShown) {
    return (
      <Text size="xs" className="faint" truncate>
        hidden{key && `, ${key} shows them`}
      </Text>
    );
  }
  if (state.soloHiddenIds.size > 0) {
    return (
      <Anchor component="button" type="button" size="xs" onClick={() => actions.solo([])}>
        Show all again
      </Anchor>
    );
  }
  if (unlabelled === 0) return null;
  return (
    <Anchor
      component="button"
      type="button"
      size="xs"
      style={{ whiteSpace: "nowrap" }}
      data-testid="find-unlabelled"
      onClick={() => onSearch("label:none")}
    >
      {unlabelled} without label
    </Anchor>
  );
}

/** The same, but for a plain press on a row, which adds to the selection or takes away from it. */
function addingActions(actions: ObjectActions): ObjectActions {
  return { ...actions, select: (id, mode) => actions.select(id, mode === "only" ? "toggle" : mode) };
}

/** The attributes of the label that all selected masks have; none when they differ. */
function sharedAttributes(state: AnnotationState, ids: readonly string[], labels: readonly Label[]) {
  const labelIds = new Set(ids.map((id) => state.masks.get(id)?.labelId));
  if (labelIds.size !== 1) return [];
  return labels.find(({ id }) => labelIds.has(id))?.attributes ?? [];
}
