import { createContext, useContext } from "react";

/** Whether masks of this project are of whatever there is: nobody chooses, filters by or reads labels then. */
export const ClassFreeContext = createContext(false);

export function useIsClassFree(): boolean {
  return useContext(ClassFreeContext);
}
