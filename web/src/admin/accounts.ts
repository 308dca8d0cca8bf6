//! Calls of the accounts' API: users, their sessions, and tokens. Secrets go in and, but for a new
//! token's, never come out.

import { type Answer, ask, order, sending } from "../api";
import { list, object, readTime, text } from "../wire/json";

export const ROLES = ["duty", "operator", "supervisor", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** A role, and where it holds; `null`: everywhere. */
export interface Grant {
  readonly role: Role;
  readonly sites: readonly string[] | null;
}

export interface User {
  readonly name: string;
  readonly person: string | null;
  readonly disabled: boolean;
  readonly locked: boolean;
  readonly mustChange: boolean;
  readonly grants: readonly Grant[];
}

export interface OpenSession {
  readonly id: string;
  readonly user: string;
  readonly createdMs: number;
  readonly seenMs: number;
  readonly address: string;
  readonly agent: string;
  readonly current: boolean;
}

/** Where a screen hangs; without a screen: the whole wall. */
export interface Place {
  readonly wall: string;
  readonly screen: string | null;
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly screen: Place | null;
  readonly createdBy: string;
  readonly createdMs: number;
  readonly expiresMs: number | null;
  readonly revokedMs: number | null;
  readonly seenMs: number | null;
}

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly person?: string;
  readonly grants: readonly Grant[];
}

export interface UserChange {
  readonly grants?: readonly Grant[];
  readonly disabled?: boolean;
  /** Empty: nobody. */
  readonly person?: string;
}

export interface NewToken {
  readonly name: string;
  readonly grants?: readonly Grant[];
  readonly screen?: Place;
  readonly expires_at?: number;
}

/** The address of one user's calls. */
const at = (name: string): string => `users/${encodeURIComponent(name)}`;

export const users = (): Promise<Answer<readonly User[]>> =>
  ask("users", (json) => list(json).map(readUser));

export const addUser = (user: NewUser): Promise<Answer<null>> => order("POST", "users", user);

export const changeUser = (name: string, change: UserChange): Promise<Answer<null>> =>
  order("PATCH", at(name), change);

export const setPassword = (name: string, password: string): Promise<Answer<null>> =>
  order("POST", `${at(name)}/password`, { password });

export const unlockUser = (name: string): Promise<Answer<null>> =>
  order("POST", `${at(name)}/unlock`);

export const sessions = (): Promise<Answer<readonly OpenSession[]>> =>
  ask("sessions", (json) => list(json).map(readSession));

export const endSession = (id: string): Promise<Answer<null>> =>
  order("DELETE", `sessions/${encodeURIComponent(id)}`);

export const tokens = (): Promise<Answer<readonly Token[]>> =>
  ask("tokens", (json) => list(json).map(readToken));

/** Answers with the secret, which is told now and never again. */
export const addToken = (token: NewToken): Promise<Answer<string>> =>
  ask("tokens", (json) => text(object(json)?.secret), sending("POST", token));

export const revokeToken = (id: string): Promise<Answer<null>> =>
  order("DELETE", `tokens/${encodeURIComponent(id)}`);

function readUser(json: unknown): User {
  const { name, person, disabled, locked, must_change, grants } = object(json) ?? {};
  return {
    name: text(name),
    person: text(person) || null,
    disabled: disabled === true,
    locked: locked === true,
    mustChange: must_change === true,
    grants: list(grants).flatMap(readGrant),
  };
}

function readGrant(json: unknown): readonly Grant[] {
  const { role: said, sites } = object(json) ?? {};
  const role = ROLES.find((one) => one === said);
  return role === undefined ? [] : [{ role, sites: Array.isArray(sites) ? sites.map(text) : null }];
}

function readSession(json: unknown): OpenSession {
  const { id, user, created_at, seen_at, address, agent, current } = object(json) ?? {};
  return {
    id: text(id),
    user: text(user),
    createdMs: readTime(created_at) ?? 0,
    seenMs: readTime(seen_at) ?? 0,
    address: text(address),
    agent: text(agent),
    current: current === true,
  };
}

function readToken(json: unknown): Token {
  const fields = object(json) ?? {};
  const place = object(fields.screen);
  return {
    id: text(fields.id),
    name: text(fields.name),
    grants: list(fields.grants).flatMap(readGrant),
    screen:
      place === undefined ? null : { wall: text(place.wall), screen: text(place.screen) || null },
    createdBy: text(fields.created_by),
    createdMs: readTime(fields.created_at) ?? 0,
    expiresMs: readTime(fields.expires_at),
    revokedMs: readTime(fields.revoked_at),
    seenMs: readTime(fields.seen_at),
  };
}
