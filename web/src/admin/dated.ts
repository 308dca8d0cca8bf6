//! The duty roster's dated entries: the sheet as it is, and another in its place.

import { element, fill } from "../dom";
import type { Words } from "../i18n";
import { type Dated, importRoster, type RosterChange, rosterSheet } from "./call";
import { told } from "./form";
import { mistakeLines, refusalLines } from "./outcome";
import { SheetForm } from "./sheet";

export function datedPage(words: Words, main: HTMLElement): void {
  // Of the roster that the try was about: what was shown is what is done, or nothing.
  let tried = "";
  const form = new SheetForm(words, words.say("sheet.roster-why"), async (text, dryRun, lines) => {
    const answer = await (dryRun ? importRoster(text) : importRoster(text, tried));
    if (answer.ok) tried = answer.value.version;
    const sound = answer.ok && answer.value.faults.length === 0;
    const said = answer.ok ? changeLines(answer.value, dryRun, words) : refusalLines(answer, words);
    told(said, lines, !sound);
    return sound;
  });
  main.className = "admin-list";
  const link = element(
    "a",
    { href: "/api/v1/roster/import", download: "roster.csv" },
    words.say("sheet.download"),
  );
  fill(main, [
    element(
      "section",
      { class: "beside" },
      element("h2", {}, words.say("sheet.roster")),
      link,
      form.element,
    ),
  ]);
  void rosterSheet().then((answer) => {
    if (answer.ok) form.value = answer.value;
  });
}

function changeLines(change: RosterChange, dryRun: boolean, words: Words): readonly string[] {
  const { added, removed, unchanged, faults } = change;
  if (faults.length > 0) return [words.say("sheet.faults"), ...mistakeLines(faults, words)];
  const line = (sign: string) => (entry: Dated) => {
    const { fromMs, untilMs, position, people } = entry;
    const who = people.length === 0 ? "–" : people.join(", ");
    const [from, until] = [fromMs, untilMs].map((at) => words.dayAndTime(at).slice(0, -3));
    return `${sign} ${position}, ${from} – ${until}: ${who}`;
  };
  return [
    words.say(dryRun ? "admin.sound" : "sheet.taken"),
    words.say("sheet.counts", { added: added.length, removed: removed.length, unchanged }),
    ...added.map(line("+")),
    ...removed.map(line("−")),
  ];
}
