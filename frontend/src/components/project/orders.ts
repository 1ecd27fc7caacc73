import type { ImageOrder } from "../../api/ranking";

interface OrderLook {
  readonly name: string;
  /** What comes first, in a sentence. */
  readonly explanation: string;
  /** What its scores are called where they are shares of 1. */
  readonly score?: string;
}

export const ORDER_LOOKS: Readonly<Record<ImageOrder, OrderLook>> = {
  upload: { name: "By upload", explanation: "The image that was uploaded first." },
  random: { name: "By chance", explanation: "Any image: what is labelled first stands for all of them." },
  uncertainty: {
    name: "Most uncertain first",
    explanation: "The image on which the model is least sure of its own masks.",
    score: "Uncertainty",
  },
  diversity: {
    name: "Most different first",
    explanation: "The image that is least like those before it.",
  },
  disagreement: {
    name: "Most disputed first",
    explanation:
      "The image on which the model and the one it was retrained from draw the most different masks.",
    score: "Disagreement",
  },
};

export const ORDERS = Object.keys(ORDER_LOOKS) as readonly ImageOrder[];
