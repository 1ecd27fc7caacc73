import { useEffect, useRef, useState, type RefObject } from "react";
import type { ViewPoint } from "../../geometry/points";
import { KeyboardPointer } from "../../tools/keyboardPointer";
import type { Toolbox } from "../../tools/toolbox";

/** The keyboard's pointer over a stage, and where it is; null while it is not in use. */
export function useKeyboardPointer(toolbox: RefObject<Toolbox | null>): {
  readonly at: ViewPoint | null;
  readonly pointer: RefObject<KeyboardPointer | null>;
} {
  const [at, setAt] = useState<ViewPoint | null>(null);
  const pointer = useRef<KeyboardPointer | null>(null);
  useEffect(() => {
    // The toolbox is another for each image.
    const tool = {
      down: (...input: Parameters<Toolbox["down"]>) => toolbox.current?.down(...input),
      move: (...input: Parameters<Toolbox["move"]>) => toolbox.current?.move(...input),
      up: (...input: Parameters<Toolbox["up"]>) => toolbox.current?.up(...input),
      cancel: () => toolbox.current?.cancel() ?? false,
      stepBack: () => toolbox.current?.stepBack() ?? false,
    };
    pointer.current = new KeyboardPointer(tool, setAt);
  }, [toolbox]);
  return { at, pointer };
}
