//! Calls of the service's HTTP API. An answer is a value, also when there is none. Whoever is not
//! signed in any more is led to the sign-in page.

import { toSignIn } from "./sign-in/way";

export type Answer<T> = { readonly ok: true; readonly value: T } | Failure;

/** `why` is the service's own sentence, `status` HTTP's; empty and 0 if it did not answer. */
export interface Failure {
  readonly ok: false;
  readonly why: string;
  readonly status: number;
  /** The whole of what it said, a problem document as a rule; null if it did not answer. */
  readonly problem: unknown;
}

const WITHIN_MS = 10_000;

/** The service did not answer. */
export const UNANSWERED: Failure = { ok: false, why: "", status: 0, problem: null };

/** Asks; `read` makes of the JSON that is answered, or of a sheet's text, what is wanted of it. */
export async function ask<T>(
  path: string,
  read: (json: unknown) => T,
  init: RequestInit = {},
): Promise<Answer<T>> {
  try {
    const signal = AbortSignal.timeout(WITHIN_MS);
    const answer = await fetch(`/api/v1/${path}`, { cache: "no-store", signal, ...init });
    const text = await answer.text();
    const said = answer.headers.get("content-type")?.startsWith("text/csv") ? text : parsed(text);
    if (answer.status === 401) toSignIn();
    if (answer.ok) return { ok: true, value: read(said) };
    return { ok: false, why: detailOf(said), status: answer.status, problem: said };
  } catch {
    return UNANSWERED;
  }
}

export type Method = "POST" | "PUT" | "PATCH" | "DELETE";

/** A request that does something, with a body as JSON if there is one. */
export function sending(method: Method, body?: unknown): RequestInit {
  const init: RequestInit = { method, headers: { "content-type": "application/json" } };
  if (body !== undefined) init.body = JSON.stringify(body);
  return init;
}

/** Orders something; what is answered does not matter beyond whether it was done. */
export function order(method: Method, path: string, body?: unknown): Promise<Answer<null>> {
  return ask(path, () => null, sending(method, body));
}

function parsed(text: string): unknown {
  return text === "" ? null : JSON.parse(text);
}

function detailOf(problem: unknown): string {
  if (typeof problem !== "object" || problem === null) return "";
  const { detail, title } = problem as Readonly<Record<string, unknown>>;
  const text = detail ?? title;
  return typeof text === "string" ? text.slice(0, 300) : "";
}
