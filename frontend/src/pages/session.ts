import { createContext, useContext } from "react";
import type { User } from "../api/types";

/** Who is logged in; only pages behind the login have one. */
export const MeContext = createContext<User | null>(null);

export function useMe(): User {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe needs somebody logged in");
  return me;
}
