import { Title } from "@mantine/core";
import type { ComponentType } from "react";
import { LiveQueueHealth } from "../LiveQueueHealth";
import { AgreementSection } from "../quality/AgreementSection";
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
export const PANELS: readonly { readonly name: string; readonly Panel: ComponentType<PanelProps> }[] = [
  { name: "agreement", Panel: Agreement },
  { name: "queue", Panel: Queue },
];

/** Of one project: people of several have no common figure. */
function Agreement({ projectId }: PanelProps) {
  if (projectId === null) return null;
  return (
    <section className="chart-card is-wide" aria-labelledby="agreement-title">
      <Title order={3} fz="md" id="agreement-title">
        Agreement
      </Title>
      <AgreementSection projectId={projectId} />
    </section>
  );
}

function Queue() {
  return (
    <div className="is-wide">
      <LiveQueueHealth />
    </div>
  );
}
