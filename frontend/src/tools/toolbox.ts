import { PanTool } from "./panTool";
import { PromptTool, type PromptToolHost } from "./promptTool";
import type { PointerInput, Tool } from "./tool";

/** One tool at a time: prompts, or panning while space is held or the middle button is down. */
export class Toolbox {
  private readonly prompt: PromptTool;
  private readonly pan: PanTool;
  private active: Tool;
  private isSpaceHeld = false;

  constructor(
    host: PromptToolHost & { onPan(dx: number, dy: number): void },
    private readonly onCursor: (cursor: string) => void,
  ) {
    this.prompt = new PromptTool(host);
    this.pan = new PanTool((dx, dy) => host.onPan(dx, dy));
    this.active = this.prompt;
    this.active.enter();
  }

  setSpaceHeld(isHeld: boolean): void {
    this.isSpaceHeld = isHeld;
    this.activate(isHeld ? this.pan : this.prompt);
  }

  down(input: PointerInput): void {
    if (input.button === "middle") this.activate(this.pan);
    this.active.down(input);
  }

  move(input: PointerInput): void {
    this.active.move(input);
  }

  up(input: PointerInput): void {
    this.active.up(input);
    if (!this.isSpaceHeld) this.activate(this.prompt);
  }

  leave(): void {
    this.active.leave();
  }

  /** Gives up a box being dragged. Returns whether there was one. */
  cancel(): boolean {
    return this.prompt.giveUpDrag();
  }

  private activate(tool: Tool): void {
    if (tool === this.active) return;
    this.active.exit();
    this.active = tool;
    this.active.enter();
    this.onCursor(tool.cursor);
  }
}
