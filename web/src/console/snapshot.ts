//! A camera's picture to take away, with what it shows stamped on it: which camera, when, who took
//! it, and how far the camera's own clock is off. The stamp stands below the picture and hides
//! nothing of it.

import { ask } from "../api";
import { font, shorten } from "../draw/text";
import type { Words } from "../i18n";
import { capturedAt } from "../large";
import type { Camera } from "../wire/messages";
import { readDetail } from "../wire/past";

export interface Stamp {
  readonly camera: Pick<Camera, "id" | "number" | "name">;
  readonly site: string;
  readonly operator: string;
  /** When the service received the picture, Unix milliseconds; `null`: not known. */
  readonly takenMs: number | null;
  /** When it was taken away. */
  readonly savedMs: number;
  /** How far the camera's clock is ahead, seconds, and how well that is known. */
  readonly clockOffsetS: number | null;
  readonly clockErrorS: number | null;
}

/** Wide enough for any camera; the service serves the next width of its ladder. */
const WIDTH = 1920;
const WITHIN_MS = 10_000;

/** What is written below the picture. */
export function stampLines(stamp: Stamp, words: Words): readonly [string, string] {
  const { camera, site, operator, takenMs, savedMs, clockOffsetS, clockErrorS } = stamp;
  const place = [`${camera.number} ${camera.name}`, site].filter((text) => text !== "");
  const taken =
    takenMs === null
      ? words.say("console.stamp-untimed")
      : `${words.dayAndTime(takenMs)}${String((Math.floor(takenMs) % 1000) / 1000)
          .padEnd(5, "0")
          .slice(1)}`;
  const error = clockErrorS === null ? "" : ` ±${clockErrorS.toFixed(clockErrorS < 0.1 ? 3 : 1)} s`;
  const sign = clockOffsetS !== null && clockOffsetS >= 0 ? "+" : "−";
  const clock =
    clockOffsetS === null
      ? words.say("console.stamp-clock-unknown")
      : words.say("console.stamp-clock", {
          offset: `${sign}${Math.abs(clockOffsetS).toFixed(3)} s${error}`,
        });
  const by = words.say("console.stamp-by", { operator, time: words.dayAndTime(savedMs) });
  return [`${place.join(" · ")} · ${taken} (UTC+7)`, `${clock} · ${by}`];
}

/** A name that every file system takes, sorted by camera and time. */
export function fileName({ camera, takenMs, savedMs }: Stamp): string {
  const at = new Date((takenMs ?? savedMs) + 7 * 3_600_000).toISOString();
  return `${camera.number}-${camera.id}-${at.slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}.png`;
}

/** Takes the newest picture of a camera and gives it to the browser as a file. Says whether it did. */
export async function takeSnapshot(
  stamp: Omit<Stamp, "takenMs" | "clockOffsetS" | "clockErrorS">,
  words: Words,
): Promise<Stamp | null> {
  const id = encodeURIComponent(stamp.camera.id);
  const [picture, detail] = await Promise.all([
    fetchPicture(`/api/v1/cameras/${id}/snapshot.jpg?width=${WIDTH}`),
    ask(`cameras/${id}`, readDetail),
  ]);
  if (picture === null) return null;
  const stream = detail.ok ? detail.value.stream : null;
  const whole: Stamp = {
    ...stamp,
    takenMs: picture.takenMs,
    clockOffsetS: stream?.clockOffsetS ?? null,
    clockErrorS: stream?.clockErrorS ?? null,
  };
  const blob = await draw(picture.image, stampLines(whole, words));
  picture.image.close();
  if (blob === null) return null;
  save(blob, fileName(whole));
  return whole;
}

async function fetchPicture(
  url: string,
): Promise<{ readonly image: ImageBitmap; readonly takenMs: number | null } | null> {
  try {
    const signal = AbortSignal.timeout(WITHIN_MS);
    const answer = await fetch(url, { cache: "no-store", signal });
    if (!answer.ok) return null;
    return {
      image: await createImageBitmap(await answer.blob()),
      takenMs: capturedAt(answer.headers),
    };
  } catch {
    return null;
  }
}

function draw(image: ImageBitmap, lines: readonly string[]): Promise<Blob | null> {
  const size = Math.max(14, Math.round(image.width / 64));
  const line = Math.round(size * 1.5);
  const canvas = document.createElement("canvas");
  canvas.width = image.width;
  canvas.height = image.height + line * lines.length + size;
  const to = canvas.getContext("2d", { alpha: false });
  if (to === null) return Promise.resolve(null);
  to.fillStyle = "#000000";
  to.fillRect(0, 0, canvas.width, canvas.height);
  to.drawImage(image, 0, 0);
  to.fillStyle = "#ffffff";
  to.textBaseline = "middle";
  lines.forEach((text, at) => {
    to.font = font(size, at === 0);
    const middle = image.height + size / 2 + line * (at + 0.5);
    to.fillText(shorten(to, text, canvas.width - 2 * size), size, middle);
  });
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
}

function save(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
