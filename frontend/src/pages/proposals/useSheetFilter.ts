import { useSearchParams } from "react-router";
import type { ProposalFilter, ProposalRun } from "../../api/proposals";
import { STAGES, STATES } from "../../components/proposals/outcomes";

const ANY = "any";

/** What the contact sheet shows, as the address says; open ones unless it says otherwise. */
export function useSheetFilter() {
  const [search, setSearch] = useSearchParams();
  const state = search.get("state");
  const stage = search.get("stage");
  const number = (name: string) => Number(search.get(name)) || null;
  const filter: ProposalFilter = {
    run: number("run"),
    image: number("image"),
    stage: stage !== null && stage in STAGES ? (stage as ProposalRun["stage"]) : null,
    state: state === ANY ? null : (STATES.find((known) => known === state) ?? "open"),
  };
  const setFilter = (wanted: ProposalFilter) => {
    const said: [string, string][] = [];
    if (wanted.run !== null) said.push(["run", String(wanted.run)]);
    if (wanted.image !== null) said.push(["image", String(wanted.image)]);
    if (wanted.stage !== null) said.push(["stage", wanted.stage]);
    if (wanted.state !== "open") said.push(["state", wanted.state ?? ANY]);
    setSearch(new URLSearchParams(said), { replace: true });
  };
  return { filter, setFilter };
}
