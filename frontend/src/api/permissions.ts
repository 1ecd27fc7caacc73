import type { paths } from "./schema";
import type { Project } from "./types";

type Endpoint = keyof paths extends infer Path
  ? Path extends `/api/v1/${infer Rest}`
    ? Rest
    : never
  : never;
type Change = `${"POST" | "PATCH" | "DELETE"} ${Endpoint}`;
/** Whose it is, where the server makes a difference; one's own image is also one that is nobody's. */
export type Relation = "own" | "other" | "locked";

/** Whether one's role allows this change, as the server told with the project: what it would refuse is not offered. */
export function mayChange(
  project: Pick<Project, "allowed">,
  change: Change,
  relation: Relation | null = null,
): boolean {
  return project.allowed.includes(relation ? `${change} ${relation}` : change);
}
