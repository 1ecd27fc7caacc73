/** The server's palette of new labels, `backend/projects/palette.py`, which says where it comes from. */
export const PALETTE = [
  "#e69f00",
  "#56b4e9",
  "#009e73",
  "#f0e442",
  "#0072b2",
  "#d55e00",
  "#cc79a7",
  "#332288",
  "#882255",
  "#117733",
  "#999933",
  "#88ccee",
] as const;
