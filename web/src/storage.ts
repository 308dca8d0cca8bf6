//! The line that says, on every page, that alerts are not being stored as they should be.

import { element, hide } from "./dom";
import { write } from "./page";
import type { Speech } from "./speech";
import type { Storage } from "./wire/alert";
import type { ServerMessage } from "./wire/messages";
import type { alert as vi } from "./words/alert/vi";

/** Words of it; `null` while all is well. */
export function storageWords(
  storage: Storage | null,
  words: Speech<keyof typeof vi>,
): string | null {
  if (storage === null || storage.state === "ok") return null;
  const time = storage.sinceMs === null ? "–" : words.moment(storage.sinceMs);
  const why =
    storage.reason === ""
      ? ""
      : ` ${words.say("storage.why", { reason: words.said(storage.reason) })}`;
  return `${words.say(`storage.${storage.state}`, { time, n: storage.waiting })}${why}`;
}

export class StorageBanner {
  readonly element = element("div", { id: "storage", role: "alert", hidden: true });
  private storage: Storage | null = null;

  constructor(private readonly words: Speech<keyof typeof vi>) {}

  message(message: ServerMessage): void {
    // The service says it again right after `hello` if it still is so.
    if (message.type === "hello") this.storage = null;
    else if (message.type === "storage") this.storage = message.storage;
    else return;
    const text = storageWords(this.storage, this.words);
    hide(this.element, text === null);
    this.element.dataset.state = this.storage?.state ?? "ok";
    write(this.element, text ?? "");
  }
}
