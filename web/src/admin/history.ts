//! What the configuration file said before, what changed, and putting it back.

import { element, fill } from "../dom";
import type { Words } from "../i18n";
import { write } from "../page";
import { diff, restore, type Version, versions } from "./call";
import { told } from "./form";
import { outcomeLines } from "./outcome";

export class HistoryPage {
  private readonly list = element("ul", { class: "entries" });
  private readonly beside = element("section", { class: "beside" });
  private readonly count = element("p", { class: "none", role: "status" });

  constructor(
    private readonly words: Words,
    main: HTMLElement,
  ) {
    main.className = "admin-list";
    fill(main, [element("section", { class: "all" }, this.count, this.list), this.beside]);
    void this.load();
  }

  private async load(): Promise<void> {
    const answer = await versions();
    const { words } = this;
    if (!answer.ok) {
      write(this.count, words.said(answer.why) || words.say("sign-in.unreachable"));
      return;
    }
    const n = answer.value.length;
    write(
      this.count,
      n === 0 ? words.say("admin.no-history") : words.say("admin.count", { n, of: n }),
    );
    fill(
      this.list,
      answer.value.map((version) => {
        const when = words.dayAndTime(version.atMs);
        const who = version.by ?? words.say("admin.outside");
        const where = version.file === "" ? [] : [version.file];
        const button = element(
          "button",
          { type: "button" },
          element("span", {}, version.what),
          element("small", {}, [when, who, ...where].join(" · ")),
        );
        button.addEventListener("click", () => void this.open(version));
        return element("li", {}, button);
      }),
    );
  }

  private async open(version: Version): Promise<void> {
    const { words } = this;
    const answer = await diff(version.id);
    const lines = (answer.ok ? answer.value : "").split("\n").map((line) => {
      const kind = line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "same";
      return element("span", { class: kind }, `${line}\n`);
    });
    const say = words.say.bind(words);
    const back = element("button", { type: "button" }, say("admin.restore"));
    const told_ = element("ul", { class: "told", role: "status" });
    let sure = false;
    back.addEventListener("click", async () => {
      const done = await restore(version.id, !sure);
      told(outcomeLines(done, words, !sure), told_, !done.ok);
      if (done.ok && sure) await this.load();
      sure = done.ok && !sure;
      write(back, say(sure ? "admin.restore-sure" : "admin.restore"));
    });
    fill(this.beside, [
      element("h2", {}, version.what),
      element("div", { class: "buttons" }, back),
      told_,
      element("pre", { class: "diff", tabindex: 0 }, ...lines),
    ]);
  }
}
