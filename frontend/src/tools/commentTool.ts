import { pixelAt } from "../geometry/frames";
import type { ImagePoint } from "../geometry/points";
import { imageAt, selects, type EditToolHost } from "./editTool";
import type { PointerInput, Tool } from "./tool";

export interface PinHost extends Pick<EditToolHost, "image" | "viewport" | "onSelect"> {
  /** A pin goes here, in pixels of the image and parts of them. */
  onPin(at: ImagePoint): void;
}

/** The next click on the image places a pin. */
export class CommentTool implements Tool {
  readonly cursor = "cell";
  private isPressed = false;

  constructor(private readonly host: PinHost) {}

  enter(): void {
    this.isPressed = false;
  }

  exit(): void {
    this.isPressed = false;
  }

  down(input: PointerInput): void {
    this.isPressed = !selects(this.host, input) && input.button === "primary";
  }

  move(): void {
    // Nothing is shown on the way.
  }

  up(input: PointerInput): void {
    const at = imageAt(this.host, input);
    if (this.isPressed && pixelAt(at, this.host.image)) this.host.onPin(at);
    this.isPressed = false;
  }

  leave(): void {
    this.isPressed = false;
  }

  giveUp(): boolean {
    const wasPressed = this.isPressed;
    this.isPressed = false;
    return wasPressed;
  }
}
