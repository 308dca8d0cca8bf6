//! What this screen really painted: written where a picture is drawn, sent once a second. The
//! service holds it against what it published, and raises an alert when a screen of a wall is gone,
//! blank, frozen or behind.

/** What a message says beside the tiles. */
export interface Aside {
  /** The window can be seen; in one that is hidden a browser draws nothing. */
  readonly visible: boolean;
  /** What was drawn is not on the canvas. */
  readonly blank: boolean;
  /** Somebody is in front of it. */
  readonly attended: boolean;
  /** Seen large, over the wall. */
  readonly large: number | null;
}

interface Painted {
  readonly sequence: number;
  /** Of its picture, device pixels. */
  readonly height: number;
}

/** A picture of this height can be read: a person and what they do can be told. */
export const READABLE = 160;

export class ReadBack {
  private readonly drawn = new Map<number, Painted>();

  constructor(
    private readonly wall: string,
    private readonly screen: string,
    /** It was given its name: it is missed when it goes. */
    readonly named = false,
  ) {}

  /** A picture of this camera is on the canvas now. */
  painted(handle: number, sequence: number, height = 0): void {
    this.drawn.set(handle, { sequence, height });
  }

  /** The canvas is empty: its size changed, it scrolled, or handles have a new meaning. */
  clear(): void {
    this.drawn.clear();
  }

  get count(): number {
    return this.drawn.size;
  }

  /** The message for the control socket. */
  message({ visible, blank, attended, large }: Aside): string {
    const { wall, screen, named } = this;
    const tiles = [...this.drawn].map(([handle, { sequence }]) => [handle, sequence]);
    const report = { type: "painted", wall, screen, named, visible, blank, tiles };
    return JSON.stringify({ ...report, large: attended && visible ? this.readable(large) : [] });
  }

  /** The last message: this page closes in order, and is not to be missed. */
  leaving(): string {
    const { wall, screen, named } = this;
    return JSON.stringify({ type: "painted", wall, screen, named, leaving: true, tiles: [] });
  }

  private readable(large: number | null): readonly number[] {
    if (large !== null) return [large];
    return [...this.drawn].flatMap(([handle, { height }]) => (height >= READABLE ? handle : []));
  }
}
