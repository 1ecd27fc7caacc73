import { Tooltip, type FloatingPosition } from "@mantine/core";
import { useEffect, useState } from "react";
import { TOOLTIP, TOOLTIP_AT } from "./tooltip";

interface Shown {
  readonly element: HTMLElement;
  readonly label: string;
  readonly position: FloatingPosition;
}

/**
 * The one tooltip of the page, for every element with the attributes of `tooltip`. Some thirty of them are on the
 * annotator's page; each with a component of its own cost a tenth of the time in which an image opens.
 */
export function TooltipLayer() {
  const [shown, setShown] = useState<Shown | null>(null);
  useEffect(() => {
    const ending = new AbortController();
    const options = { signal: ending.signal, passive: true };
    const look = ({ target, pointerType }: PointerEvent) => {
      const element = target instanceof Element ? target.closest<HTMLElement>(`[${TOOLTIP}]`) : null;
      if (!element || pointerType === "touch") setShown(null);
      else {
        const label = element.getAttribute(TOOLTIP)!;
        const position = (element.getAttribute(TOOLTIP_AT) ?? "bottom") as FloatingPosition;
        setShown((now) =>
          now?.element === element && now.label === label ? now : { element, label, position },
        );
      }
    };
    document.addEventListener("pointerover", look, options);
    // What a click changes is said anew.
    document.addEventListener("click", () => setShown(null), options);
    document.documentElement.addEventListener("pointerleave", () => setShown(null), options);
    document.addEventListener("keydown", ({ key }) => key === "Escape" && setShown(null), options);
    return () => ending.abort();
  }, []);
  if (!shown) return null;
  return (
    <Tooltip
      opened
      target={shown.element}
      label={shown.label}
      position={shown.position}
      multiline
      maw={320}
    />
  );
}
