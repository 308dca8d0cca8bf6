//! What the cameras of a page look like now: their newest pictures, still or in motion, and what each
//! says. A page draws it where it has them.

import { type Drawable, decodeJpeg } from "./decode";
import { type Face, faceOf, type Picture } from "./face";
import type { Words } from "./i18n";
import { Pictures } from "./pictures";
import { choosePlayer } from "./video/choose";
import { Wishes } from "./video/wishes";
import type { Camera } from "./wire/messages";

export interface SightEvents {
  /** A camera's tile came: what it says may be something else. */
  judge(id: string): void;
  /** It is to be drawn. */
  touch(id: string): void;
  /** Its video went on: the same, and whoever shows it large does so. */
  moved(id: string): void;
}

export class Sight {
  readonly pictures: Pictures<Drawable>;
  readonly wishes: Wishes;

  constructor(
    private readonly words: Words,
    now: () => number,
    private readonly serverNow: () => number | null,
    private readonly siteName: (id: string) => string,
    events: SightEvents,
  ) {
    this.pictures = new Pictures<Drawable>(
      decodeJpeg,
      (id) => {
        this.wishes.motion.parted(id);
        events.judge(id);
        // A camera in motion is drawn with its next frame.
        if (this.wishes.motion.picture(id) === null) events.touch(id);
      },
      (id) => this.wishes.motion.picture(id) !== null,
    );
    this.wishes = new Wishes(choosePlayer(serverNow), now, serverNow, (id) => events.moved(id));
  }

  /** What a camera shows: live video, else its tile, else what its video showed last, for a moment. */
  pictureIn(id: string): Drawable | null {
    const { motion } = this.wishes;
    return motion.picture(id) ?? this.pictures.shown(id)?.bitmap ?? motion.last(id);
  }

  /** What a camera says at a moment of the page's clock. */
  face(camera: Camera, at: number): Face {
    if (this.wishes.motion.picture(camera.id) === null) this.pictures.uncover(camera.id);
    return faceOf(camera, this.pictureOf(camera, at), this.words, this.siteName);
  }

  /** What is known of its picture then. */
  pictureOf(camera: Camera, at: number): Picture {
    const freshness = this.pictures.freshness(camera.id);
    const moving = this.wishes.motion.picture(camera.id);
    const server = this.serverNow();
    const movingAgeMs =
      moving === null || server === null ? null : Math.max(0, server - moving.receivedAtMs);
    const still = this.wishes.still(camera.id);
    return {
      ageMs: movingAgeMs ?? freshness?.ageMs(at) ?? null,
      usualMs: freshness?.usualMs(camera.refreshMs) ?? camera.refreshMs,
      notLive: freshness?.notLive ?? false,
      thinned: moving === null && (freshness?.isThinned(at) ?? false),
      receivedAtMs: moving?.receivedAtMs ?? this.pictures.receivedAtMs(camera.id),
      // That it starts is said by its starting, soon.
      still:
        still === null || still === "starting"
          ? ""
          : this.words.say(`still.${still}`, { codec: this.wishes.codec(camera.id) }),
    };
  }

  /** A camera is not there any more. */
  forget(id: string): void {
    this.pictures.forget(id);
    this.wishes.motion.parted(id);
  }
}
