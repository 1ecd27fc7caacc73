import { distance, viewPoint, type ViewPoint } from "../geometry/points";
import type { PointerButton, PointerInput } from "./tool";

export type PointerKind = "mouse" | "pen" | "touch";

/** One pointer of several, at one moment. */
export interface Contact extends PointerInput {
  readonly id: number;
  readonly kind: PointerKind;
}

/** What takes the gestures of one pointer: the toolbox. */
export interface OnePointer {
  down(input: PointerInput): void;
  move(input: PointerInput): void;
  up(input: PointerInput): void;
  cancel(): boolean;
  stepBack(): boolean;
}

interface PinchHost {
  /** In CSS pixels. */
  onPan(dx: number, dy: number): void;
  onZoom(at: ViewPoint, factor: number): void;
}

/** A finger that rests this long means what the right button means. Milliseconds. */
const LONG_PRESS_MS = 500;
/** A finger is never quite still; further than this it drags. CSS pixels. */
const TAP_SLOP = 8;

type Finger =
  /** Down, and not yet known what for. */
  | { readonly kind: "pending"; readonly start: Contact; readonly timer: ReturnType<typeof setTimeout> }
  /** Drags with the tool. */
  | { readonly kind: "dragging"; readonly id: number }
  /** Two fingers move the image, or a long press is done: nothing more until all are lifted. */
  | { readonly kind: "spent" }
  | { readonly kind: "none" };

/**
 * Mouse and pen go to the tool as they come. One finger is the tool, too, two move and zoom the image; so what a finger
 * means is decided only when it moves, is lifted, rests, or is joined by another. A hand that rests while the pen draws
 * is ignored.
 */
export class PointerGestures {
  private finger: Finger = { kind: "none" };
  private readonly touches = new Map<number, ViewPoint>();
  /** The mouse or pen that is down, and with which button. */
  private held: { readonly id: number; readonly button: PointerButton } | null = null;

  constructor(
    private readonly tool: OnePointer,
    private readonly host: PinchHost,
  ) {}

  down(contact: Contact): void {
    if (contact.kind !== "touch") {
      if (this.held) return;
      this.dropTouches();
      this.held = { id: contact.id, button: contact.button };
      this.tool.down(contact);
      return;
    }
    if (this.held) return;
    this.touches.set(contact.id, contact.at);
    if (this.touches.size > 1) {
      this.stopFinger();
      this.finger = { kind: "spent" };
    } else {
      const timer = setTimeout(() => this.press(contact, "secondary"), LONG_PRESS_MS);
      this.finger = { kind: "pending", start: contact, timer };
    }
  }

  move(contact: Contact): void {
    if (contact.kind !== "touch") {
      this.tool.move(this.held ? { ...contact, button: this.held.button } : contact);
      return;
    }
    if (!this.touches.has(contact.id)) return;
    if (this.touches.size > 1) {
      this.pinch(contact);
      return;
    }
    this.touches.set(contact.id, contact.at);
    const { finger } = this;
    if (finger.kind === "pending" && distance(finger.start.at, contact.at) > TAP_SLOP) {
      clearTimeout(finger.timer);
      this.finger = { kind: "dragging", id: contact.id };
      this.tool.down(finger.start);
      this.tool.move(contact);
    } else if (finger.kind === "dragging") {
      this.tool.move(contact);
    }
  }

  up(contact: Contact): void {
    if (contact.kind !== "touch") {
      if (this.held?.id !== contact.id) return;
      // The button lifted last may be another than the first: the gesture stays the first one's.
      const { button } = this.held;
      this.held = null;
      this.tool.up({ ...contact, button });
      return;
    }
    if (!this.touches.delete(contact.id)) return;
    const { finger } = this;
    if (finger.kind === "pending") {
      clearTimeout(finger.timer);
      this.press(finger.start, "primary");
    } else if (finger.kind === "dragging") {
      this.tool.up(contact);
      this.finger = { kind: "none" };
    }
    if (this.touches.size === 0) this.finger = { kind: "none" };
  }

  /** The browser took the pointer away. */
  cancel(contact: Contact): void {
    if (contact.kind === "touch") {
      if (!this.touches.delete(contact.id)) return;
      this.stopFinger();
      this.finger = this.touches.size > 0 ? { kind: "spent" } : { kind: "none" };
    } else if (this.held?.id === contact.id) {
      this.held = null;
      this.tool.cancel();
    }
  }

  /** Whether no pointer is down: a pointer that leaves is gone. */
  get isIdle(): boolean {
    return this.held === null && this.touches.size === 0;
  }

  private press(start: Contact, button: PointerButton): void {
    this.finger = { kind: "spent" };
    this.tool.down({ ...start, button });
    this.tool.up({ ...start, button });
  }

  /** Takes back what the finger has done so far: a corner just set, or the gesture under way. */
  private stopFinger(): void {
    if (this.finger.kind === "pending") clearTimeout(this.finger.timer);
    if (this.finger.kind === "dragging" && !this.tool.stepBack()) this.tool.cancel();
  }

  private dropTouches(): void {
    this.stopFinger();
    this.touches.clear();
    this.finger = { kind: "none" };
  }

  /** The image follows two fingers: what lies under each stays under it. */
  private pinch(contact: Contact): void {
    const [first, second] = [...this.touches.keys()];
    const before = [this.touches.get(first!)!, this.touches.get(second!)!] as const;
    this.touches.set(contact.id, contact.at);
    const after = [this.touches.get(first!)!, this.touches.get(second!)!] as const;
    const [from, to] = [middle(...before), middle(...after)];
    this.host.onPan(to.x - from.x, to.y - from.y);
    const spread = distance(...before);
    if (spread > 0) this.host.onZoom(to, distance(...after) / spread);
  }
}

function middle(a: ViewPoint, b: ViewPoint): ViewPoint {
  return viewPoint((a.x + b.x) / 2, (a.y + b.y) / 2);
}
