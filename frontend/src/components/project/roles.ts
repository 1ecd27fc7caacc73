import type { Role } from "../../api/types";

/** The roles from most to least, and what each is for. */
export const ROLES: readonly { readonly value: Role; readonly label: string; readonly purpose: string }[] = [
  { value: "owner", label: "Owner", purpose: "Everything, other owners and deleting the project included" },
  { value: "manager", label: "Manager", purpose: "Images, labels, members; draws and corrects masks" },
  { value: "reviewer", label: "Reviewer", purpose: "Looks masks over and corrects them" },
  { value: "annotator", label: "Annotator", purpose: "Draws and corrects masks" },
  { value: "viewer", label: "Viewer", purpose: "Looks and exports, changes nothing" },
];

/** What somebody with this role may make of others: only owners make owners, as the server has it. */
export function rolesToGive(mine: Role): typeof ROLES {
  return mine === "owner" ? ROLES : ROLES.filter(({ value }) => value !== "owner");
}

export function roleLabel(role: Role): string {
  return ROLES.find(({ value }) => value === role)?.label ?? role;
}
