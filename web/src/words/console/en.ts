//! English of the operator's console.

import type { operator as vi } from "./vi";

export const operator: Readonly<Record<keyof typeof vi, string>> = {
  "console.title": "Console",
  "console.nobody": "not signed in",
};
