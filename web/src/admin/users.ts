//! The accounts: who may do what where, and who is signed in.

import type { Answer } from "../api";
import { element, fill } from "../dom";
import type { Words } from "../i18n";
import {
  addUser,
  changeUser,
  endSession,
  sessions,
  setPassword,
  type User,
  type UserChange,
  unlockUser,
  users,
} from "./accounts";
import { button, Directory, labelled, report, sureButton } from "./directory";
import { told } from "./form";
import { FIRST_RIGHT, GrantsEditor, grantsLine } from "./grants";
import { chooser, type Named, named } from "./named";
import { refusalLines } from "./outcome";

export class UsersPage {
  private readonly directory: Directory;
  private sites: readonly Named[] = [];
  private people: readonly Named[] = [];

  constructor(
    private readonly words: Words,
    main: HTMLElement,
  ) {
    this.directory = new Directory(words, main, [[words.say("admin.add"), () => this.create()]]);
    void this.begin();
  }

  private async begin(): Promise<void> {
    [this.sites, this.people] = await Promise.all([named("site"), named("person")]);
    await this.load();
  }

  /** The list anew; the account that is to stay open, with what came of the last deed. */
  private async load(open?: string, lines?: HTMLElement): Promise<void> {
    const answer = await users();
    if (!answer.ok) return this.directory.fail(answer.why);
    this.directory.show(
      answer.value.map((user) => ({
        title: user.name,
        small: [...this.statesOf(user), grantsLine(user.grants, this.words)].join(" · "),
        open: () => this.open(user),
      })),
    );
    const user = answer.value.find(({ name }) => name === open);
    if (user !== undefined) this.open(user, lines);
  }

  private statesOf({ disabled, locked, mustChange, person }: User): readonly string[] {
    const say = this.words.say.bind(this.words);
    const who = this.people.find(({ id }) => id === person)?.name ?? person;
    return [
      ...(disabled ? [say("user.disabled")] : []),
      ...(locked ? [say("user.locked")] : []),
      ...(mustChange ? [say("user.must-change")] : []),
      ...(who === null ? [] : [who]),
    ];
  }

  private create(): void {
    const say = this.words.say.bind(this.words);
    const name = element("input", {
      name: "name",
      required: true,
      autocapitalize: "none",
      spellcheck: "false",
    });
    const password = this.passwordField();
    const person = chooser("person", this.people, null, "–");
    const rights = new GrantsEditor(this.words, this.sites, [FIRST_RIGHT]);
    const lines = report();
    const form = element(
      "form",
      { class: "entry" },
      labelled(`${say("user.name")} *`, name, say("user.name-why")),
      labelled(`${say("user.password")} *`, password, say("user.password-why")),
      labelled(say("user.person"), person),
      rights.element,
      element(
        "div",
        { class: "buttons" },
        element("button", { type: "submit", class: "main" }, say("user.create")),
      ),
      lines,
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const grants = rights.read();
      if (grants === undefined) return told([say("user.no-site")], lines, true);
      const chosen = person.value === "" ? {} : { person: person.value };
      const user = { name: name.value.trim(), password: password.value, grants, ...chosen };
      await this.do(addUser(user), user.name, lines);
    });
    this.directory.open(element("h2", {}, say("user.new")), form);
  }

  private open(user: User, lines: HTMLElement = report()): void {
    const say = this.words.say.bind(this.words);
    const { name } = user;
    const change = (wanted: UserChange): void =>
      void this.do(changeUser(name, wanted), name, lines);
    const person = chooser("person", this.people, user.person, "–");
    const rights = new GrantsEditor(this.words, this.sites, user.grants);
    const form = element(
      "form",
      { class: "entry" },
      labelled(say("user.person"), person),
      rights.element,
      element(
        "div",
        { class: "buttons" },
        element("button", { type: "submit", class: "main" }, say("admin.save")),
      ),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const grants = rights.read();
      if (grants === undefined) told([say("user.no-site")], lines, true);
      else change({ grants, person: person.value });
    });
    const keeping = user.disabled
      ? button(say("user.enable"), () => change({ disabled: false }))
      : sureButton(say("user.disable"), say("user.disable-sure"), () => change({ disabled: true }));
    const unlock = button(say("user.unlock"), () => void this.do(unlockUser(name), name, lines));
    this.directory.open(
      element("h2", {}, name),
      element("p", { class: "none" }, this.statesOf(user).join(" · ")),
      lines,
      form,
      this.passwordForm(name, lines),
      element("div", { class: "buttons" }, keeping, ...(user.locked ? [unlock] : [])),
      this.sessionsOf(name, lines),
    );
  }

  private passwordForm(name: string, lines: HTMLElement): HTMLElement {
    const say = this.words.say.bind(this.words);
    const password = this.passwordField();
    const form = element(
      "form",
      { class: "entry" },
      labelled(say("user.new-password"), password, say("user.password-why")),
      element(
        "div",
        { class: "buttons" },
        element("button", { type: "submit" }, say("user.set-password")),
      ),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const text = password.value;
      password.value = "";
      await this.do(setPassword(name, text), name, lines);
    });
    return form;
  }

  private passwordField(): HTMLInputElement {
    return element("input", {
      name: "password",
      type: "password",
      autocomplete: "new-password",
      required: true,
    });
  }

  private sessionsOf(name: string, lines: HTMLElement): HTMLElement {
    const { words } = this;
    const section = element("section", { class: "sessions" });
    void sessions().then((answer) => {
      const own = answer.ok ? answer.value.filter(({ user }) => user === name) : [];
      const items = own.map(({ id, createdMs, seenMs, address, agent, current }) => {
        const [from, seen] = [words.moment(createdMs), words.moment(seenMs)];
        const said = words.say("user.session", { from, seen, address });
        const end = button(words.say(current ? "user.end-own" : "user.end"), () => {
          void this.do(endSession(id), name, lines);
        });
        return element("li", {}, element("span", {}, said), element("small", {}, agent), end);
      });
      const title = words.say("user.sessions", { n: own.length });
      fill(section, [element("h3", {}, title), element("ul", {}, ...items)]);
    });
    return section;
  }

  /** Says what came of something, and shows the account as it is then. */
  private async do(doing: Promise<Answer<null>>, name: string, lines: HTMLElement): Promise<void> {
    const answer = await doing;
    const { words } = this;
    told(answer.ok ? [words.say("user.done")] : refusalLines(answer, words), lines, !answer.ok);
    if (answer.ok) await this.load(name, lines);
  }
}
