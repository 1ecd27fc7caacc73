import type { paths } from "./schema";
import type { Project } from "./types";

type Endpoint = keyof paths extends infer Path
  ? Path extends `/api/v1/${infer Rest}`
    ? Rest
    : never
  : never;
type Change = `${"POST" | "PATCH" | "DELETE"} ${Endpoint}`;

/** Whether one's role allows this change, as the server told with the project: what it would refuse is not offered. */
export function mayChange(project: Pick<Project, "allowed">, change: Change): boolean {
  return project.allowed.includes(change);
}
