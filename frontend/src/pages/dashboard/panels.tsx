import { Title } from "@mantine/core";
import type { ComponentType } from "react";
import type { Period } from "../../components/dashboard/period";

export interface PanelProps {
  /** Null across projects. */
  readonly projectId: number | null;
  readonly period: Period;
}

/**
 * What stands below the charts, one card each: a panel brings its own title, loading, empty and error states
 * (`components/dashboard/ChartCard`), and its own queries.
 */
export const PANELS: readonly { readonly name: string; readonly Panel: ComponentType<PanelProps> }[] = [];
