//! What waits for a SourceBuffer, which takes one thing at a time. One MediaSource and its element's
//! life; whoever owns it makes another one when it fails.

/** Told when something was appended, and once when nothing can be any more. */
export interface QueueEvents {
  appended(): void;
  failed(): void;
}

/** More than this waits only when the browser stands still: two keyframes of the largest kind. */
const WAITING_BYTES_MAX = 4 << 20;
/** An element that never opens its source would wait for ever, and nobody would know. */
const OPEN_WITHIN_MS = 5000;

export class SourceQueue {
  private readonly media = new MediaSource();
  private readonly url = URL.createObjectURL(this.media);
  private readonly openBy: ReturnType<typeof setTimeout>;
  private buffer: SourceBuffer | null = null;
  private waiting: Uint8Array<ArrayBuffer>[] = [];
  private waitingBytes = 0;
  /** The type that the buffer was told. */
  private typed = "";
  private removeUntilS = 0;
  private removedUntilS = 0;
  private over = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private type: string,
    private readonly events: QueueEvents,
  ) {
    this.media.addEventListener("sourceopen", () => this.open(), { once: true });
    this.openBy = setTimeout(() => this.fail(), OPEN_WITHIN_MS);
    video.addEventListener("error", this.onError);
    video.src = this.url;
  }

  /** Whether the queue holds more than may wait. */
  get full(): boolean {
    return this.waitingBytes > WAITING_BYTES_MAX;
  }

  push(segment: Uint8Array<ArrayBuffer>): void {
    this.waiting.push(segment);
    this.waitingBytes += segment.length;
    this.next();
  }

  /** Forgets what was not appended yet. */
  clear(): void {
    this.waiting = [];
    this.waitingBytes = 0;
  }

  /** What follows is of this type; what waits of another one is too late. */
  retype(type: string): void {
    if (type !== this.type) this.clear();
    this.type = type;
  }

  /** Gives up what lies before this time, which must be a keyframe's. */
  forgetBefore(untilS: number): void {
    this.removeUntilS = Math.max(this.removeUntilS, untilS);
    this.next();
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    clearTimeout(this.openBy);
    this.clear();
    this.video.removeEventListener("error", this.onError);
    this.video.removeAttribute("src");
    this.video.load();
    URL.revokeObjectURL(this.url);
  }

  private readonly onError = (): void => this.fail();

  private open(): void {
    clearTimeout(this.openBy);
    if (this.over) return;
    this.attempt(() => {
      const buffer = this.media.addSourceBuffer(this.type);
      this.typed = this.type;
      this.buffer = buffer;
      buffer.addEventListener("error", this.onError);
      buffer.addEventListener("updateend", () => {
        if (this.over) return;
        this.events.appended();
        this.next();
      });
    });
    this.next();
  }

  private next(): void {
    const { buffer } = this;
    if (buffer === null || buffer.updating || this.over) return;
    this.attempt(() => {
      if (this.removeUntilS > this.removedUntilS) {
        this.removedUntilS = this.removeUntilS;
        buffer.remove(0, this.removeUntilS);
      } else if (this.waiting.length > 0) {
        if (this.typed !== this.type) buffer.changeType(this.type);
        this.typed = this.type;
        const together = join(this.waiting);
        this.clear();
        buffer.appendBuffer(together);
      }
    });
  }

  /** Browsers throw where a buffer is full or an element has failed. */
  private attempt(act: () => void): void {
    try {
      act();
    } catch {
      this.fail();
    }
  }

  private fail(): void {
    if (this.over) return;
    this.close();
    this.events.failed();
  }
}

function join(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first;
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
