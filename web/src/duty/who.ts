//! "Who are you?": what the account says, or chosen once on this phone where there is no sign-in.

import { element, fill, hide } from "../dom";
import { finds, searchable } from "../fold";
import type { People, Person } from "../wire/people";
import type { DutyWords } from "./words";

/** So many need a search. */
const MANY = 12;

export class Who {
  readonly element = element("section", { class: "who" });
  private readonly find: HTMLInputElement;
  private readonly list = element("div", { class: "people" });
  private people: People | null = null;

  constructor(
    private readonly words: DutyWords,
    private readonly choose: (person: string | null) => void,
  ) {
    const label = words.say("duty.find");
    this.find = element("input", { type: "search", placeholder: label, "aria-label": label });
    this.find.addEventListener("input", () => this.draw());
    this.element.append(
      element("h2", {}, words.say("duty.who")),
      element("p", { class: "none" }, words.say("duty.who-why")),
      this.find,
      this.list,
      this.button(null, words.say("duty.without")),
    );
  }

  /** The account says who one is: there is nothing to choose, but a way out. */
  signedIn(parts: readonly HTMLElement[]): void {
    fill(this.element, parts);
  }

  show(people: People): void {
    if (people === this.people) return;
    this.people = people;
    this.draw();
  }

  private draw(): void {
    const { words, people } = this;
    if (people === null) return;
    hide(this.find, people.people.length <= MANY);
    const wished = people.people.filter(({ name }) => finds(this.find.value, searchable(name)));
    const duty = new Set(people.positions.flatMap(({ onDuty }) => onDuty));
    const now = wished.filter(({ id }) => duty.has(id));
    const others = wished.filter(({ id }) => !duty.has(id));
    const part = (title: string, some: readonly Person[]): readonly Node[] =>
      some.length === 0
        ? []
        : [element("h3", {}, title), ...some.map((one) => this.button(one.id, this.nameOf(one)))];
    const all = [
      ...part(words.say("duty.on-duty"), now),
      ...part(words.say("duty.others"), others),
    ];
    const none = element("p", { class: "none" }, words.say("duty.no-people"));
    fill(this.list, all.length > 0 ? all : [none]);
  }

  /** With the positions that the person holds now. */
  private nameOf({ id, name }: Person): string {
    const held = this.people?.positions.filter(({ onDuty }) => onDuty.includes(id)) ?? [];
    return held.length === 0 ? name : `${name} – ${held.map((one) => one.name).join(", ")}`;
  }

  private button(id: string | null, text: string): HTMLElement {
    const button = element("button", { type: "button", "data-person": id ?? "" }, text);
    button.addEventListener("click", () => this.choose(id));
    return button;
  }
}
