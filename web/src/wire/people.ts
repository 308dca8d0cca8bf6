//! Who is who and who is on duty, in JSON as types.

import { readWords } from "./alert";
import { list, object, readText, readTime } from "./json";

export interface Person {
  readonly id: string;
  readonly name: string;
}

export interface Position extends Person {
  readonly sites: readonly string[];
  readonly onDuty: readonly string[];
  readonly untilMs: number | null;
  readonly next: readonly string[];
}

/** The answer of `GET /api/v1/roster`. */
export interface People {
  readonly people: readonly Person[];
  readonly positions: readonly Position[];
  readonly dutyOfficers: readonly string[];
}

export const NOBODY: People = { people: [], positions: [], dutyOfficers: [] };

const MOST = 2000;

export function readPeople(json: unknown): People {
  const fields = object(json);
  return {
    people: list(fields?.people)
      .slice(0, MOST)
      .flatMap((one) => readPerson(one) ?? []),
    positions: list(fields?.positions)
      .slice(0, MOST)
      .flatMap((one) => readPosition(one) ?? []),
    dutyOfficers: readWords(fields?.duty_officers, MOST),
  };
}

function readPerson(value: unknown): Person | undefined {
  const json = object(value);
  const id = readText(json?.id);
  return id ? { id, name: readText(json?.name) || id } : undefined;
}

function readPosition(value: unknown): Position | undefined {
  const named = readPerson(value);
  const json = object(value);
  if (named === undefined) return undefined;
  return {
    ...named,
    sites: readWords(json?.sites, MOST),
    onDuty: readWords(json?.on_duty, MOST),
    untilMs: readTime(json?.until),
    next: readWords(json?.next, MOST),
  };
}
