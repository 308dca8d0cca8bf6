//! Who is signed in, in a page's header, with the way out; and whom a page acts for.

import type { Keep } from "../alert/keep";
import { element } from "../dom";
import type { Speech } from "../speech";
import { type Session, signOut, whoAmI } from "./call";
import { toSignIn } from "./way";

/** Whoever a service without sign-in takes everybody for. */
const NOBODY = "anonymous";

type AccountWords = Speech<"sign-in.out" | "sign-in.as">;

/** Whoever is signed in; `null` where there is no sign-in, or no answer. */
export async function account(): Promise<Session | null> {
  const answer = await whoAmI();
  return answer.ok && answer.value.user !== "" && answer.value.user !== NOBODY
    ? answer.value
    : null;
}

/** What says so, with the way out. */
export function accountView(
  { user, role }: Session,
  words: AccountWords,
  before: () => void = () => undefined,
): readonly HTMLElement[] {
  const out = element("button", { type: "button", id: "sign-out" }, words.say("sign-in.out"));
  out.addEventListener("click", async () => {
    out.disabled = true;
    before();
    await signOut();
    toSignIn();
  });
  const title = words.say("sign-in.as", { user });
  const name = element("span", { id: "account", title }, `${user} · ${words.known("role", role)}`);
  return [name, out];
}

/** An account says for whom a page acts; true: for somebody else than so far, so it must begin anew. */
export function actsFor({ person }: Session, keep: Keep): boolean {
  keep.unnamed = person === null;
  if (keep.person === person) return false;
  keep.person = person;
  keep.forgetAlerts();
  return true;
}
