//! Who is signed in, as `GET /api/v1/session` tells it.

import { readWords } from "./alert";
import { readText } from "./fields";
import { list, object } from "./health";

export interface Me {
  /** The account's name; `null` where the service asks nobody to sign in. */
  readonly name: string | null;
  /** The person of the roster that the account stands for. */
  readonly person: string | null;
  readonly roles: readonly string[];
}

export const ANYBODY: Me = { name: null, person: null, roles: [] };

const ROLES_MAX = 64;

export function readMe(json: unknown): Me {
  const fields = object(json);
  const name = readText(fields?.user) ?? readText(fields?.username) ?? readText(fields?.name);
  const granted = list(fields?.grants).flatMap((grant) => readText(object(grant)?.role) ?? []);
  const roles = [readText(fields?.role) ?? [], readWords(fields?.roles, ROLES_MAX), granted];
  return {
    name: name ?? null,
    person: readText(fields?.person) ?? null,
    roles: [...new Set(roles.flat())],
  };
}
