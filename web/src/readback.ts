//! What this screen really painted: written where a picture is drawn, sent once a second. The
//! service raises an alert when it stops advancing.

export class ReadBack {
  private readonly drawn = new Map<number, number>();

  constructor(
    private readonly wall: string,
    private readonly screen: string,
  ) {}

  /** A picture of this camera is on the canvas now. */
  painted(handle: number, sequence: number): void {
    this.drawn.set(handle, sequence);
  }

  /** The canvas is empty: its size changed, it scrolled, or handles have a new meaning. */
  clear(): void {
    this.drawn.clear();
  }

  get count(): number {
    return this.drawn.size;
  }

  /** The message for the control socket. */
  message(): string {
    const { wall, screen } = this;
    return JSON.stringify({ type: "painted", wall, screen, tiles: [...this.drawn] });
  }
}
