//! Signing in and out.

import { type Answer, ask } from "../api";

/** Whoever is signed in at this browser. */
export interface Session {
  readonly user: string;
  readonly role: string;
  /** The person of the roster that the account belongs to. */
  readonly person: string | null;
  /** Nothing else can be done before a new password is set. */
  readonly mustChange: boolean;
}

/** What one signs in with. */
export type Credentials =
  | { readonly username: string; readonly password: string; readonly new_password?: string }
  | { readonly token: string };

export function readSession(json: unknown): Session {
  const fields = (typeof json === "object" && json !== null ? json : {}) as Readonly<
    Record<string, unknown>
  >;
  const text = (name: string): string | null => {
    const value = fields[name];
    return typeof value === "string" ? value : null;
  };
  return {
    user: text("user") ?? "",
    role: text("role") ?? "",
    person: text("person"),
    mustChange: fields.must_change === true,
  };
}

export function signIn(credentials: Credentials): Promise<Answer<Session>> {
  return ask("session", readSession, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(credentials),
  });
}

export function whoAmI(): Promise<Answer<Session>> {
  return ask("session", readSession);
}

export function signOut(): Promise<Answer<null>> {
  return ask("session", () => null, { method: "DELETE" });
}
