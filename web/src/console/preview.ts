//! What an order on the command line would do, said while it is typed.

import type { Words } from "../i18n";
import type { Camera } from "../wire/messages";
import type { Order } from "./command";

/** What is known that an order may be about. */
export interface Preview {
  camera(number: number): Camera | undefined;
  chosen(): Camera | null;
  /** How many cameras the search has found. */
  found(): number;
  saved(name: string): string | undefined;
  preset(name: string): string | undefined;
  wall(): string | undefined;
  /** What a colleague at a console is called. */
  colleague(wish: string): string | undefined;
  /** What all of them are called. */
  colleagues(): readonly string[];
  /** A screen of the wall, by what people call it. */
  screen(name: string): string | undefined;
}

/** Empty where it makes no sense now. */
export function previewOf(order: Order, known: Preview, words: Words): string {
  switch (order.do) {
    case "call": {
      const camera = known.camera(order.number);
      return camera === undefined
        ? words.say("console.no-camera", { n: order.number })
        : name(camera);
    }
    case "push": {
      const { number, screen, cell } = order;
      const camera = number === null ? known.chosen() : known.camera(number);
      if (camera === undefined) return words.say("console.no-camera", { n: number ?? "" });
      if (camera === null) return words.say("console.no-chosen");
      const place = [known.wall() ?? "", screen ?? "", cell === null ? "" : `▦ ${cell}`];
      const wall = place.filter((part) => part !== "").join(" · ");
      return words.say("console.will-push", { camera: name(camera), wall });
    }
    case "hand": {
      const camera = order.number === null ? known.chosen() : known.camera(order.number);
      if (camera === undefined) return words.say("console.no-camera", { n: order.number ?? "" });
      if (camera === null) return words.say("console.no-chosen");
      const all = known.colleagues();
      const to = known.colleague(order.to);
      if (to === undefined) return whoIsThere(order.to, all, words);
      return words.say("console.will-hand", { camera: name(camera), name: to });
    }
    case "layout":
      return words.say("console.layout", { layout: order.layout });
    case "tour": {
      const n = order.numbers.length === 0 ? known.found() : order.numbers.length;
      return words.say("console.touring", { n, s: order.dwellS ?? 10 });
    }
    case "save":
      return words.say("console.will-save", { name: order.text });
    case "recall":
      return known.saved(order.text) ?? words.say("console.no-layout", { name: order.text });
    case "preset":
      return known.preset(order.text) ?? words.say("wall.unknown-preset", { name: order.text });
    case "keep":
      return words.say("wall.will-keep", { name: order.text });
    case "fill": {
      const screen = known.screen(order.text);
      if (screen === undefined) return words.say("wall.unknown-screen", { name: order.text });
      return words.say("wall.will-fill", { screen });
    }
    case "reset":
      return words.say("wall.reset");
    case "note":
    case "bookmark": {
      const camera = known.chosen();
      const what = words.say(order.do === "note" ? "console.note" : "console.bookmark");
      return camera === null ? what : `${what} · ${name(camera)}`;
    }
    case "snapshot": {
      const camera = known.chosen();
      return camera === null ? words.say("console.no-chosen") : words.say("console.snapshot");
    }
    case "help":
      return words.say("console.keys");
    case "find":
      return words.say("console.will-find", { text: order.text });
    case "nothing":
      return "";
  }
}

/** Who is at a console, where nobody or no one alone is meant. */
export function whoIsThere(wish: string, all: readonly string[], words: Words): string {
  if (all.length === 0) return words.say("console.hand-alone");
  const names = all.join(", ");
  if (wish === "") return words.say("console.hand-whom", { names });
  return words.say("console.hand-nobody", { name: wish, names });
}

function name({ number, name }: Camera): string {
  return `${number} ${name}`;
}
