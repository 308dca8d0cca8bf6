//! The lists of the configuration file that the pages edit, and what stands in an entry of each. Keys
//! that are not named here are edited as they are written, as JSON.

export const SECTIONS = ["camera", "site", "wall", "alert", "position", "person", "shift"] as const;
export type Section = (typeof SECTIONS)[number];

export type Kind =
  | { readonly is: "text" }
  | { readonly is: "whole" }
  | { readonly is: "flag" }
  /** One text a line. */
  | { readonly is: "texts" }
  | { readonly is: "choice"; readonly of: readonly string[] }
  /** The id of an entry of another list. */
  | { readonly is: "one-of"; readonly section: Section }
  /** Goes in and never comes out. */
  | { readonly is: "password" };

export interface Field {
  readonly key: string;
  readonly kind: Kind;
  readonly needed?: true;
}

const text: Kind = { is: "text" };
const texts: Kind = { is: "texts" };
const id: Field = { key: "id", kind: text, needed: true };
const name: Field = { key: "name", kind: text };

export const FIELDS: Readonly<Record<Section, readonly Field[]>> = {
  camera: [
    id,
    { key: "number", kind: { is: "whole" }, needed: true },
    name,
    { key: "site", kind: { is: "one-of", section: "site" } },
    { key: "url", kind: text, needed: true },
    { key: "main_url", kind: text },
    { key: "username", kind: text },
    { key: "password", kind: { is: "password" } },
    { key: "transport", kind: { is: "choice", of: ["tcp", "udp"] } },
    { key: "tags", kind: texts },
    { key: "importance", kind: { is: "choice", of: ["high", "normal", "low"] } },
    { key: "allow_basic", kind: { is: "flag" } },
  ],
  site: [id, name, { key: "parent", kind: { is: "one-of", section: "site" } }],
  wall: [id, name, { key: "cameras", kind: texts, needed: true }],
  alert: [
    id,
    { key: "conditions", kind: texts },
    { key: "kinds", kind: texts },
    { key: "cameras", kind: texts },
    { key: "sites", kind: texts },
    { key: "priority", kind: { is: "choice", of: ["high", "medium", "low", "none"] } },
    { key: "acknowledge_within", kind: text },
    { key: "comment_required", kind: { is: "flag" } },
    { key: "position", kind: { is: "one-of", section: "position" } },
    { key: "suppress", kind: texts },
  ],
  position: [id, name, { key: "sites", kind: texts }],
  person: [id, name, { key: "phone", kind: text }, { key: "email", kind: text }],
  shift: [
    { key: "position", kind: { is: "one-of", section: "position" }, needed: true },
    { key: "people", kind: texts, needed: true },
    { key: "days", kind: text },
    { key: "from", kind: text, needed: true },
    { key: "until", kind: text, needed: true },
  ],
};

/** Where an entry's password comes from is the service's to write. */
export const HIDDEN: ReadonlySet<string> = new Set(["password_file", "password_env"]);
