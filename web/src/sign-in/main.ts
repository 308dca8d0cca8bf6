//! The sign-in page: an account with its password, or a screen with its token.

import type { Answer } from "../api";
import { element, fill } from "../dom";
import { chooseTheme } from "../draw/theme";
import { part, write } from "../page";
import { chooseLanguage } from "../speech";
import { type Credentials, type Session, signIn } from "./call";
import { wayBack } from "./way";
import { signInWords } from "./words";

type Way = "person" | "screen" | "change";

const query = new URLSearchParams(location.search);
const words = signInWords(chooseLanguage(query.get("lang"), navigator.languages));
const light = matchMedia("(prefers-color-scheme: light)").matches;
document.documentElement.lang = words.language;
document.documentElement.dataset.theme = chooseTheme(query.get("theme"), light).name;

const form = part("form", HTMLFormElement);
const other = part("other", HTMLButtonElement);
const problem = part("problem", HTMLElement);
const username = input("username", "text", "username");
const password = input("password", "password", "current-password");
const token = input("token", "password", "off");
const fresh = input("new-password", "password", "new-password");
const again = input("again", "password", "new-password");
const show = element("input", { type: "checkbox", id: "show" });
const go = element("button", { type: "submit", class: "main" });
let way: Way = "person";

function input(name: string, type: string, autocomplete: string): HTMLInputElement {
  return element("input", {
    name,
    id: name,
    type,
    autocomplete,
    required: true,
    autocapitalize: "none",
    spellcheck: "false",
  });
}

function field(label: string, one: HTMLInputElement): HTMLElement {
  return element("label", {}, label, one);
}

function draw(): void {
  const say = words.say.bind(words);
  const why = (text: string): HTMLElement => element("p", { class: "why" }, text);
  const shown = element("label", { class: "tick" }, show, say("sign-in.show"));
  const fields: Readonly<Record<Way, readonly Node[]>> = {
    person: [field(say("sign-in.name"), username), field(say("sign-in.password"), password), shown],
    screen: [why(say("sign-in.token-why")), field(say("sign-in.token"), token), shown],
    change: [
      why(say("sign-in.change-why")),
      field(say("sign-in.new"), fresh),
      field(say("sign-in.again"), again),
      shown,
    ],
  };
  fill(form, [...fields[way], go]);
  write(go, say(way === "change" ? "sign-in.set" : "sign-in.go"));
  const title = say(way === "change" ? "sign-in.change" : "sign-in.title");
  write(part("title", HTMLElement), title);
  document.title = `${title} – watchwall`;
  write(other, say(way === "screen" ? "sign-in.person" : "sign-in.screen"));
  other.hidden = way === "change";
  form.querySelector("input")?.focus();
}

/** The other language, on the same way. */
function language(): void {
  const link = part("language", HTMLAnchorElement);
  const next = new URLSearchParams(query);
  const to = words.language === "vi" ? "en" : "vi";
  next.set("lang", to);
  link.href = `${location.pathname}?${next}`;
  link.lang = to;
  write(link, to === "en" ? "English" : "Tiếng Việt");
}

function credentials(): Credentials {
  if (way === "screen") return { token: token.value.trim() };
  const account = { username: username.value.trim(), password: password.value };
  return way === "change" ? { ...account, new_password: fresh.value } : account;
}

function refused(answer: Answer<Session> & { ok: false }): string {
  if (answer.status === 0) return words.say("sign-in.unreachable");
  if (answer.status === 429) return words.say("sign-in.locked");
  if (answer.status === 401) {
    return words.say(way === "screen" ? "sign-in.token-refused" : "sign-in.refused");
  }
  // What a new password lacks is the service's to say.
  if (answer.status < 500 && answer.why !== "") return words.said(answer.why);
  return words.say("sign-in.failed");
}

async function submit(): Promise<void> {
  if (way === "change" && fresh.value !== again.value) {
    write(problem, words.say("sign-in.differ"));
    return;
  }
  go.disabled = true;
  write(problem, words.say("sign-in.going"));
  const answer = await signIn(credentials());
  go.disabled = false;
  if (!answer.ok) {
    write(problem, refused(answer));
    form.querySelector("input")?.select();
    return;
  }
  write(problem, "");
  if (answer.value.mustChange) {
    way = "change";
    draw();
    return;
  }
  location.replace(wayBack(query.get("next"), location.origin));
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void submit();
});
other.addEventListener("click", () => {
  way = way === "screen" ? "person" : "screen";
  write(problem, "");
  draw();
});
show.addEventListener("change", () => {
  for (const one of [password, token, fresh, again]) one.type = show.checked ? "text" : "password";
});
draw();
language();
