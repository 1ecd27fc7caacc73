import { CommentTool, type PinHost } from "./commentTool";
import type { EditToolHost } from "./editTool";
import { PanTool } from "./panTool";
import { PolygonTool } from "./polygonTool";
import { PromptTool, type PromptToolHost } from "./promptTool";
import { RectangleTool } from "./rectangleTool";
import { StrokeTool } from "./strokeTool";
import type { PointerInput, Tool, ToolName } from "./tool";

/** One tool at a time: the one chosen, or panning while space is held or the middle button is down. */
export class Toolbox {
  private readonly tools: Readonly<Record<ToolName, Tool>>;
  private readonly pan: PanTool;
  private chosen: ToolName = "smart";
  private active: Tool;
  private isSpaceHeld = false;

  constructor(
    host: PromptToolHost & EditToolHost & PinHost & { onPan(dx: number, dy: number): void },
    private readonly onCursor: (cursor: string) => void,
  ) {
    this.tools = {
      smart: new PromptTool(host, onCursor),
      brush: new StrokeTool(host, "add"),
      eraser: new StrokeTool(host, "subtract"),
      polygon: new PolygonTool(host),
      rectangle: new RectangleTool(host),
      comment: new CommentTool(host),
    };
    this.pan = new PanTool((dx, dy) => host.onPan(dx, dy));
    this.active = this.tools.smart;
    this.active.enter();
  }

  get usesBrush(): boolean {
    return this.chosen === "brush" || this.chosen === "eraser";
  }

  choose(name: ToolName): void {
    if (name === this.chosen) return;
    this.tools[this.chosen].exit();
    this.chosen = name;
    this.active = this.tools[name];
    this.active.enter();
    this.onCursor(this.active.cursor);
  }

  setSpaceHeld(isHeld: boolean): void {
    this.isSpaceHeld = isHeld;
    this.activate(isHeld ? this.pan : this.tools[this.chosen]);
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
    if (!this.isSpaceHeld) this.activate(this.tools[this.chosen]);
  }

  leave(): void {
    this.active.leave();
  }

  /** Gives up the gesture under way. Returns whether there was one. */
  cancel(): boolean {
    return this.tools[this.chosen].giveUp?.() ?? false;
  }

  /** Completes a shape that is drawn click by click. Returns whether there was one. */
  accept(): boolean {
    return this.tools[this.chosen].accept?.() ?? false;
  }

  /** Takes the last click of such a shape back. Returns whether there was one. */
  stepBack(): boolean {
    return this.tools[this.chosen].stepBack?.() ?? false;
  }

  /** Removes the click, box or corner under the pointer. Returns whether there was one. */
  removeHovered(): boolean {
    return this.tools[this.chosen].removeHovered?.() ?? false;
  }

  private activate(tool: Tool): void {
    if (tool === this.active) return;
    if (this.active.pause) this.active.pause();
    else this.active.exit();
    this.active = tool;
    this.active.enter();
    this.onCursor(tool.cursor);
  }
}
