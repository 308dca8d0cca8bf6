//! The alarm's sound and vibration. A browser lets a page make sound only after it was touched once.

/** Two tones, a pause; repeated while it rings. */
const TONES = [880, 660, 880, 660] as const;
const TONE_S = 0.18;
const EVERY_MS = 2000;
const VIBRATION = [400, 150, 400, 150, 400];

export class Sound {
  private context: AudioContext | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;

  /** To be called from a touch. */
  async unlock(): Promise<void> {
    this.context ??= new AudioContext();
    if (this.context.state === "suspended") await this.context.resume().catch(() => {});
  }

  get ready(): boolean {
    return this.context?.state === "running";
  }

  ring(on: boolean): void {
    if (on === (this.timer !== null)) return;
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
      navigator.vibrate?.(0);
      return;
    }
    this.once();
    this.timer = setInterval(() => this.once(), EVERY_MS);
  }

  private once(): void {
    // Without a touch before, browsers refuse to vibrate, too.
    if (navigator.userActivation?.hasBeenActive ?? true) navigator.vibrate?.(VIBRATION);
    const { context } = this;
    if (context === null || context.state !== "running") return;
    const loud = context.createGain();
    loud.gain.value = 0.5;
    loud.connect(context.destination);
    for (const [at, tone] of TONES.entries()) {
      const from = context.currentTime + at * TONE_S;
      const oscillator = context.createOscillator();
      oscillator.type = "square";
      oscillator.frequency.value = tone;
      oscillator.connect(loud);
      oscillator.start(from);
      oscillator.stop(from + TONE_S * 0.9);
    }
  }
}
