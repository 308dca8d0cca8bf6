//! Tokens of screens and scripts. A new one's secret is shown once, to be copied.

import { element, hide } from "../dom";
import type { Words } from "../i18n";
import { addToken, type NewToken, revokeToken, type Token, tokens } from "./accounts";
import { button, Directory, labelled, report, sureButton } from "./directory";
import { told } from "./form";
import { FIRST_RIGHT, GrantsEditor, grantsLine } from "./grants";
import { choices, chooser, type Named, named, type WallNamed, walls } from "./named";
import { refusalLines } from "./outcome";

const DAY_MS = 24 * 3600 * 1000;
/** Days that a token may be good for; 0: until it is revoked. */
const DAYS = [0, 1, 7, 30, 365];

export class TokensPage {
  private readonly directory: Directory;
  private sites: readonly Named[] = [];
  private walls: readonly WallNamed[] = [];

  constructor(
    private readonly words: Words,
    main: HTMLElement,
  ) {
    this.directory = new Directory(words, main, [[words.say("admin.add"), () => this.create()]]);
    void this.begin();
  }

  private async begin(): Promise<void> {
    [this.sites, this.walls] = await Promise.all([named("site"), walls()]);
    await this.load();
  }

  private async load(): Promise<void> {
    const answer = await tokens();
    if (!answer.ok) return this.directory.fail(answer.why);
    this.directory.show(
      answer.value.map((token) => ({
        title: token.name,
        small: [...this.stateOf(token), this.rightsOf(token)].join(" · "),
        open: () => this.open(token),
      })),
    );
  }

  private rightsOf({ screen, grants }: Token): string {
    const { words } = this;
    if (screen === null) return grantsLine(grants, words);
    return words.say("token.hangs", { wall: screen.wall, screen: screen.screen ?? "*" });
  }

  private stateOf({ revokedMs, expiresMs }: Token): readonly string[] {
    const { words } = this;
    if (revokedMs !== null)
      return [words.say("token.revoked", { at: words.dayAndTime(revokedMs) })];
    if (expiresMs === null) return [];
    const over = expiresMs <= Date.now();
    const at = words.dayAndTime(expiresMs);
    return [words.say(over ? "token.over" : "token.until", { at })];
  }

  private open(token: Token): void {
    const { words } = this;
    const lines = report();
    const { createdBy: by, createdMs, seenMs } = token;
    const facts = [
      ...this.stateOf(token),
      this.rightsOf(token),
      words.say("token.made", { by, at: words.dayAndTime(createdMs) }),
      ...(seenMs === null ? [] : [words.say("token.seen", { at: words.dayAndTime(seenMs) })]),
    ];
    const revoke = sureButton(
      words.say("token.revoke"),
      words.say("token.revoke-sure"),
      async () => {
        const answer = await revokeToken(token.id);
        told(answer.ok ? [words.say("user.done")] : refusalLines(answer, words), lines, !answer.ok);
        if (!answer.ok) return;
        revoke.remove();
        await this.load();
      },
    );
    this.directory.open(
      element("h2", {}, token.name),
      element("ul", { class: "told" }, ...facts.map((fact) => element("li", {}, fact))),
      element("div", { class: "buttons" }, ...(token.revokedMs === null ? [revoke] : [])),
      lines,
    );
  }

  private create(): void {
    const { words } = this;
    const say = words.say.bind(words);
    const name = element("input", { name: "name", required: true, maxlength: 64 });
    const kind = element(
      "select",
      { name: "kind" },
      element("option", { value: "screen" }, say("token.for-screen")),
      element("option", { value: "rights" }, say("token.for-script")),
    );
    const wall = chooser("wall", this.walls, null, null);
    const screen = element("select", { name: "screen" });
    const place = element(
      "div",
      { class: "others" },
      labelled(say("token.wall"), wall),
      labelled(say("token.screen"), screen),
    );
    const rights = new GrantsEditor(words, this.sites, [FIRST_RIGHT]);
    const days = element(
      "select",
      { name: "days" },
      ...DAYS.map((n) => {
        const word = n === 0 ? say("token.for-ever") : say("token.days", { n });
        return element("option", { value: n }, word);
      }),
    );
    const draw = (): void => {
      hide(place, kind.value !== "screen");
      hide(rights.element, kind.value === "screen");
      const screens = this.walls.find(({ id }) => id === wall.value)?.screens ?? [];
      choices(screen, screens, say("token.whole"));
    };
    kind.addEventListener("change", draw);
    wall.addEventListener("change", draw);
    draw();
    const lines = report();
    const make = element("button", { type: "submit", class: "main" }, say("token.create"));
    const form = element(
      "form",
      { class: "entry" },
      labelled(`${say("token.name")} *`, name),
      labelled(say("token.for"), kind),
      place,
      rights.element,
      labelled(say("token.good-for"), days),
      element("div", { class: "buttons" }, make),
      lines,
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const grants = rights.read();
      const hangs = kind.value === "screen";
      if (!hangs && grants === undefined) return told([say("user.no-site")], lines, true);
      const ends = Number(days.value) * DAY_MS;
      const token: NewToken = {
        name: name.value.trim(),
        ...(hangs
          ? { screen: { wall: wall.value, screen: screen.value || null } }
          : { grants: grants ?? [] }),
        ...(ends > 0 ? { expires_at: (Date.now() + ends) * 1000 } : {}),
      };
      const answer = await addToken(token);
      if (!answer.ok) return told(refusalLines(answer, words), lines, true);
      this.reveal(token.name, answer.value);
      await this.load();
    });
    this.directory.open(element("h2", {}, say("token.new")), form);
  }

  /** The secret, as long as nothing else is opened. */
  private reveal(name: string, secret: string): void {
    const { words } = this;
    const shown = element("input", {
      class: "secret",
      readonly: true,
      value: secret,
      autocomplete: "off",
    });
    const lines = report();
    const copy = button(
      words.say("token.copy"),
      async () => {
        shown.select();
        // Without HTTPS, away from the machine itself, there is no clipboard: the text is chosen.
        const done = await navigator.clipboard?.writeText(secret).then(
          () => true,
          () => false,
        );
        told([words.say(done === true ? "token.copied" : "token.chosen")], lines, false);
      },
      "main",
    );
    this.directory.open(
      element("h2", {}, name),
      element("p", {}, words.say("token.once")),
      labelled(words.say("token.secret"), shown),
      element("div", { class: "buttons" }, copy),
      lines,
    );
  }
}
