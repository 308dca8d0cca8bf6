//! The way to the sign-in page and back: a page that the service does not know any more leads there.

export const SIGN_IN = "/sign-in";

let leaving = false;

/** Leads to the sign-in page, which leads back here; once, whoever says it first. */
export function toSignIn(): void {
  if (leaving || location.pathname === SIGN_IN) return;
  leaving = true;
  location.assign(signInPath(location));
}

/** The sign-in page's address, in the language and colours of the page that it leads back to. */
export function signInPath(
  from: Readonly<{ pathname: string; search: string; hash: string }>,
): string {
  const query = new URLSearchParams();
  const here = new URLSearchParams(from.search);
  for (const name of ["lang", "theme"]) {
    const value = here.get(name);
    if (value !== null) query.set(name, value);
  }
  query.set("next", from.pathname + from.search + from.hash);
  return `${SIGN_IN}?${query}`;
}

/** Where to go after it: a page of this service and nothing else, whatever a link says. */
export function wayBack(next: string | null, origin: string): string {
  if (next === null || !next.startsWith("/")) return "/";
  try {
    const url = new URL(next, origin);
    if (url.origin !== origin || url.pathname === SIGN_IN) return "/";
    return url.pathname + url.search + url.hash;
  } catch {
    return "/";
  }
}
