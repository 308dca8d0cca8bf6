//! What an alert says in words. Names of cameras, sites and people come from whoever knows them.

import type { Speech } from "../speech";
import type { Alert, ScreenPlace, Signed } from "../wire/alert";
import type { alert as vi } from "../words/alert/vi";
import type { common } from "../words/common/vi";
import { type Group, toldEveryone } from "./order";

export type AlertKey = keyof typeof vi | keyof typeof common;
export type AlertWords = Speech<AlertKey>;

/** Who knows what people call things. */
export interface Names {
  camera(id: string): { readonly number: number; readonly name: string } | null;
  site(id: string): string | null;
  /** A name, or the id of somebody who is not known. */
  person(id: string): string;
  position(id: string): string;
}

/** What drills put before a kind. */
const DRILL = "drill-";

export function kindWords(alert: Pick<Alert, "kind" | "subject">, words: AlertWords): string {
  const kind = alert.kind.startsWith(DRILL) ? alert.kind.slice(DRILL.length) : alert.kind;
  if (alert.subject.kind === "site" && kind === "unreachable") return words.say("alert.site-down");
  const own = words.known("kind", kind);
  return own === kind.replaceAll("-", " ") ? words.condition(kind) : own;
}

/** The kind, and before it that it is a drill: for where there is no mark beside it. */
export function titleWords(alert: Alert, words: AlertWords): string {
  const kind = kindWords(alert, words);
  return alert.drill ? `${words.say("alert.drill")} · ${kind}` : kind;
}

/** What a group has in common, and how many of it wait. */
export function groupWords({ alerts, waiting }: Group, names: Names, words: AlertWords): string {
  const [first] = alerts;
  if (first === undefined) return "";
  const kind = titleWords(first, words);
  const site = siteWords(first, names) || placeWords(first, names, words);
  return words.say("alert.group", { kind, site, n: alerts.length, waiting });
}

/** Who has it: who took it, else whom it was given to. */
export function ownerOf(alert: Alert): string | null {
  return alert.acknowledged?.by || alert.assigned;
}

/** All by which people look for an alert. */
export function findWords(alert: Alert, names: Names, words: AlertWords): string {
  const place = placeWords(alert, names, words);
  const owner = ownerOf(alert);
  const who = owner === null ? "" : names.person(owner);
  const parts = [kindWords(alert, words), place, siteWords(alert, names), alert.kind, who];
  return [...parts, ...alert.cameras, alert.evidence, words.said(alert.evidence)].join(" ");
}

/** The camera's number and name, or what else it concerns. */
export function placeWords(
  alert: Pick<Alert, "subject" | "where"> & { readonly cameras?: readonly string[] },
  names: Names,
  words: AlertWords,
): string {
  const { subject, where } = alert;
  if (subject.kind === "screen") {
    const unnamed = { wall: subject.wall ?? "", name: subject.id, column: null, row: null };
    return screenWords(where.screen ?? unnamed, words);
  }
  if (subject.kind === "site") return names.site(subject.id) ?? where.site ?? subject.id;
  const id = subject.kind === "camera" ? subject.id : (alert.cameras?.[0] ?? "");
  if (id === "") return words.say("alert.service");
  const camera = names.camera(id);
  const number = camera?.number ?? where.number;
  const name = camera?.name ?? where.name ?? id;
  return number === null || number === 0 ? name : `${number} ${name}`;
}

/** `LED wall, màn hình trái (cột 1, hàng 1)`. */
export function screenWords(place: ScreenPlace, words: AlertWords): string {
  const { wall, name, column, row } = place;
  const screen = words.say("alert.screen", { wall, name });
  if (column === null || row === null) return screen;
  return `${screen} ${words.say("alert.screen-place", { column: column + 1, row: row + 1 })}`;
}

/** The site's name; nothing where the alert is about the site itself. */
export function siteWords(alert: Pick<Alert, "subject" | "where" | "site">, names: Names): string {
  if (alert.subject.kind === "site") return "";
  const known = alert.site === null ? null : names.site(alert.site);
  return known ?? alert.where.site ?? alert.site ?? "";
}

/** `từ 10:31 (12 phút)`. */
export function sinceWords(alert: Alert, words: AlertWords, nowMs: number): string {
  const age = words.age(Math.max(0, nowMs - alert.openedMs));
  return words.say("alert.since", { time: words.moment(alert.openedMs, nowMs), age });
}

export function signedWords(
  signed: Signed,
  names: Names,
  words: AlertWords,
  nowMs: number,
): string {
  const time = words.moment(signed.atMs, nowMs);
  return words.say("alert.by", { name: names.person(signed.by), time });
}

/** The state, with who or until when. */
export function stateWords(alert: Alert, names: Names, words: AlertWords, nowMs: number): string {
  if (toldEveryone(alert)) return words.say("alert.everyone");
  const state = words.say(`alert-state.${alert.state}`);
  const more = stateMore(alert, names, words, nowMs);
  return more === "" ? state : `${state} · ${more}`;
}

function stateMore(alert: Alert, names: Names, words: AlertWords, nowMs: number): string {
  const until = (ms: number | null): string =>
    ms === null ? "" : words.say("alert.until", { time: words.moment(ms, nowMs) });
  switch (alert.state) {
    case "acknowledged":
      return alert.acknowledged === null
        ? ""
        : signedWords(alert.acknowledged, names, words, nowMs);
    case "shelved":
      return until(alert.shelved?.untilMs ?? null);
    case "suppressed":
      return alert.maskedBy === null
        ? until(alert.suppressedUntilMs)
        : words.say("alert.masked-by", { site: names.site(alert.maskedBy) ?? alert.maskedBy });
    case "out-of-service":
      return until(alert.outOfServiceUntilMs);
    case "normal":
      return alert.disposition === null ? "" : words.say(`disposition.${alert.disposition}`);
    default:
      return alert.assigned === null
        ? ""
        : words.say("alert.assigned", { name: names.person(alert.assigned) });
  }
}
