import type { ActivityQuery, Scope } from "../../api/dashboard";
import { STAGES, type Choice } from "../../components/dashboard/DashboardFilters";
import { isDay, PRESETS, type Period } from "../../components/dashboard/period";

const DEFAULT_PRESET = "30";

/** What is looked at, as the address says; what it says wrongly is left out. */
export function choiceOf(address: URLSearchParams): Choice {
  const day = (name: string) => {
    const text = address.get(name);
    return isDay(text) ? text : null;
  };
  const key = (name: string) =>
    /^(none|[1-9]\d{0,17})$/.test(address.get(name) ?? "") ? address.get(name) : null;
  return {
    preset: PRESETS.find(({ value }) => value === address.get("period"))?.value ?? DEFAULT_PRESET,
    custom: { since: day("since"), until: day("until") },
    person: key("person"),
    label: key("label"),
    stage: STAGES.find(({ value }) => value === address.get("stage"))?.value ?? null,
    projects: address
      .getAll("project")
      .filter((id) => /^[1-9]\d{0,14}$/.test(id))
      .map(Number),
  };
}

/** The address that says it. */
export function addressOf({ preset, custom, person, label, stage, projects }: Choice): URLSearchParams {
  const address = new URLSearchParams();
  const said = { person, label, stage, ...(preset === "custom" ? custom : {}) };
  if (preset !== DEFAULT_PRESET) address.set("period", preset);
  for (const [name, value] of Object.entries(said)) if (value) address.set(name, value);
  for (const id of projects) address.append("project", String(id));
  return address;
}

export function scopeOf(projectId: number | null, { projects }: Choice): Scope {
  return projectId === null ? { kind: "all", projects } : { kind: "project", id: projectId };
}

/** Days as the API takes them; what is backwards while somebody still chooses is one day. */
export function daysQuery({ since, until }: Period): { since?: string; until?: string } {
  const isBackwards = since !== null && until !== null && since > until;
  return {
    ...(since ? { since } : {}),
    ...(until && !isBackwards ? { until } : isBackwards ? { until: since } : {}),
  };
}

export function maskQuery(period: Period, { person, label, stage }: Choice): Omit<ActivityQuery, "by"> {
  return {
    ...daysQuery(period),
    ...(person ? { person } : {}),
    ...(label ? { label } : {}),
    ...(stage ? { stage } : {}),
  };
}
