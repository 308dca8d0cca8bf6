//! The lists of the configuration file that the pages edit, and what stands in an entry of each. Keys
//! that are not named here are edited as they are written, as JSON.

export const SECTIONS = [
  "camera",
  "site",
  "wall",
  "alert",
  "health",
  "order",
  "picture",
  "position",
  "person",
  "shift",
] as const;
export type Section = (typeof SECTIONS)[number];

/** Lists whose entries have no id: they are named by their place, from 1. */
export const BY_PLACE: ReadonlySet<Section> = new Set(["health", "order", "picture", "shift"]);

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
const scope: Field = { key: "cameras", kind: texts, needed: true };

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
  wall: [id, name, scope],
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
  health: [
    scope,
    { key: "conditions", kind: texts },
    { key: "raise_after", kind: text },
    { key: "clear_after", kind: text },
    {
      key: "severity",
      kind: { is: "choice", of: ["notice", "verify", "warning", "critical"] },
    },
    { key: "watch", kind: { is: "flag" } },
  ],
  order: [
    scope,
    { key: "codec", kind: { is: "choice", of: ["h264", "h265", "mjpeg"] } },
    { key: "profile", kind: text },
    { key: "width", kind: { is: "whole" } },
    { key: "height", kind: { is: "whole" } },
    { key: "frame_rate_min", kind: { is: "whole" } },
    { key: "bitrate_max_kbit", kind: { is: "whole" } },
  ],
  picture: [scope, { key: "presets", kind: { is: "whole" } }, { key: "loop_max", kind: text }],
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
