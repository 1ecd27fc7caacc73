import type { AttributeValue } from "../../../state/annotation";
import type { Restacking } from "../../../state/depth";

/** How a click on a row changes the selection. */
export type SelectionMode = "only" | "toggle" | "extend";

/** What can be done to saved masks from the list. */
export interface ObjectActions {
  readonly select: (id: string, mode: SelectionMode) => void;
  readonly selectAll: () => void;
  /** The mask a row points at, null when it points at none. */
  readonly hover: (id: string | null) => void;
  readonly zoomTo: (ids: readonly string[]) => void;
  readonly hide: (ids: readonly string[], isHidden: boolean) => void;
  readonly lock: (ids: readonly string[], isLocked: boolean) => void;
  readonly solo: (ids: readonly string[]) => void;
  readonly relabel: (ids: readonly string[], labelId: number | null) => void;
  readonly describe: (ids: readonly string[], attributeId: number, value: AttributeValue) => void;
  readonly restack: (ids: readonly string[], restacking: Restacking) => void;
  readonly remove: (ids: readonly string[]) => void;
}
