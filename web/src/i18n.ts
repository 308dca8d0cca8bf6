//! The words of the wall and of the pages at a desk, in two languages.

import { type Language, Speech } from "./speech";
import { en } from "./words/en";
import acts from "./words/said/acts.json";
import evidence from "./words/said/evidence.json";
import passwords from "./words/said/passwords.json";
import refusals from "./words/said/refusals.json";
import settings from "./words/said/settings.json";
import { vi } from "./words/vi";

export type Key = keyof typeof vi;
export type Catalogue = Readonly<Record<Key, string>>;

export const CATALOGUES: Readonly<Record<Language, Catalogue>> = { vi, en };

/** One language's words. */
export class Words extends Speech<Key> {
  constructor(language: Language) {
    super(language, CATALOGUES[language], evidence, acts, passwords, refusals, settings);
  }
}

export { chooseLanguage, type Language, ZONE } from "./speech";
