//! Who is signed in, in a page's header, with the way out.

import { element } from "../dom";
import type { Words } from "../i18n";
import { type Session, signOut, whoAmI } from "./call";
import { toSignIn } from "./way";

/** Whoever a service without sign-in takes everybody for. */
const NOBODY = "anonymous";

/** Puts it at the end of `header`, once it is known; nothing where there is no sign-in. */
export async function showAccount(header: HTMLElement, words: Words): Promise<Session | null> {
  const answer = await whoAmI();
  if (!answer.ok || answer.value.user === "" || answer.value.user === NOBODY) return null;
  const { user, role } = answer.value;
  const out = element("button", { type: "button", id: "sign-out" }, words.say("sign-in.out"));
  out.addEventListener("click", async () => {
    out.disabled = true;
    await signOut();
    toSignIn();
  });
  const title = words.say("sign-in.as", { user });
  header.append(
    element("span", { id: "account", title }, `${user} · ${words.known("role", role)}`),
    out,
  );
  return answer.value;
}
