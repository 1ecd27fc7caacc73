import { Listeners } from "../common/listeners";

/** `asked`: the log-in is shown over the page; `postponed`: somebody goes on working and will log in later. */
export type SessionState = "open" | "asked" | "postponed";

/** Whether the server still knows who is in front of this tab. Work goes on either way. */
export class SessionWatch {
  private state: SessionState = "open";
  private readonly listeners = new Listeners();
  readonly subscribe = this.listeners.subscribe;
  private isChecking = false;

  /** `isMine` asks the server whether the one who works here is logged in. */
  constructor(private readonly isMine: () => Promise<boolean>) {}

  getState = (): SessionState => this.state;

  /** A request was refused because nobody, or somebody else, is logged in. Asks once. */
  ended(): void {
    if (this.state === "open") this.set("asked");
  }

  ask(): void {
    this.set("asked");
  }

  postpone(): void {
    this.set("postponed");
  }

  opened(): void {
    this.set("open");
  }

  /** Something was answered that needs a session: somebody may have logged in in another tab. Who, is asked. */
  async answered(): Promise<void> {
    if (this.state === "open" || this.isChecking) return;
    this.isChecking = true;
    try {
      if (await this.isMine()) this.opened();
    } catch {
      // The next answer asks again.
    } finally {
      this.isChecking = false;
    }
  }

  private set(state: SessionState): void {
    if (state === this.state) return;
    this.state = state;
    this.listeners.tell();
  }
}
