//! What the parts of an alert page share.

import type { People } from "../wire/people";
import type { Call } from "./call";
import type { AlertWords, Names } from "./face";
import type { Feed } from "./feed";
import type { Keep } from "./keep";
import type { Outbox } from "./outbox";
import type { Sender } from "./sender";

export interface Bench {
  readonly words: AlertWords;
  readonly names: Names;
  readonly feed: Feed;
  readonly outbox: Outbox;
  readonly sender: Sender;
  readonly call: Call;
  readonly keep: Keep;
  people(): People;
  /** The service's time, Unix milliseconds. */
  now(): number;
  /** Another page of ours, in the same language and colours. */
  link(path: string): string;
}

/** The account of whoever did not choose a name. */
const ANONYMOUS = "anonymous";

/** Names by the roster, for what knows cameras and sites from elsewhere or not at all. */
export function namesOf(
  words: AlertWords,
  people: () => People,
  camera: Names["camera"] = () => null,
  site: Names["site"] = () => null,
): Names {
  const named = (list: readonly { id: string; name: string }[], id: string): string =>
    list.find((one) => one.id === id)?.name ?? id;
  return {
    camera,
    site,
    person: (id) => (id === ANONYMOUS ? words.say("alert.anonymous") : named(people().people, id)),
    position: (id) => named(people().positions, id),
  };
}
