//! Calls of the service's HTTP API. An answer is a value, also when there is none. Whoever is not
//! signed in any more is led to the sign-in page.

import { toSignIn } from "./sign-in/way";

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  /** `why` is the service's own sentence, `status` HTTP's; empty and 0 if it did not answer. */
  | { readonly ok: false; readonly why: string; readonly status: number };

const WITHIN_MS = 10_000;

export async function ask<T>(
  path: string,
  read: (json: unknown) => T,
  init: RequestInit = {},
): Promise<Answer<T>> {
  try {
    const signal = AbortSignal.timeout(WITHIN_MS);
    const answer = await fetch(`/api/v1/${path}`, { cache: "no-store", signal, ...init });
    const text = await answer.text();
    const json: unknown = text === "" ? null : JSON.parse(text);
    if (answer.status === 401) toSignIn();
    if (answer.ok) return { ok: true, value: read(json) };
    return { ok: false, why: detailOf(json), status: answer.status };
  } catch {
    return { ok: false, why: "", status: 0 };
  }
}

/** Orders something; what is answered does not matter beyond whether it was done. */
export function order(
  method: "POST" | "DELETE",
  path: string,
  body?: unknown,
): Promise<Answer<null>> {
  const init: RequestInit = { method, headers: { "content-type": "application/json" } };
  if (body !== undefined) init.body = JSON.stringify(body);
  return ask(path, () => null, init);
}

function detailOf(problem: unknown): string {
  if (typeof problem !== "object" || problem === null) return "";
  const { detail, title } = problem as Readonly<Record<string, unknown>>;
  const text = detail ?? title;
  return typeof text === "string" ? text.slice(0, 300) : "";
}
