import { useEffect, useRef, type RefObject } from "react";

/** Lines through the pointer over the whole stage; moved past React, once per pointer event. */
export function Crosshair({ stage }: { readonly stage: RefObject<HTMLElement | null> }) {
  const horizontal = useRef<HTMLDivElement>(null);
  const vertical = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = stage.current;
    if (!element) return;
    const ending = new AbortController();
    const show = (isShown: boolean) => {
      for (const { current: line } of [horizontal, vertical]) if (line) line.hidden = !isShown;
    };
    element.addEventListener(
      "pointermove",
      ({ clientX, clientY }) => {
        const { left, top } = element.getBoundingClientRect();
        if (horizontal.current) horizontal.current.style.transform = `translateY(${clientY - top}px)`;
        if (vertical.current) vertical.current.style.transform = `translateX(${clientX - left}px)`;
        show(true);
      },
      { signal: ending.signal },
    );
    element.addEventListener("pointerleave", () => show(false), { signal: ending.signal });
    return () => ending.abort();
  }, [stage]);
  return (
    <>
      <div ref={horizontal} className="crosshair horizontal" hidden data-testid="crosshair" />
      <div ref={vertical} className="crosshair vertical" hidden />
    </>
  );
}
