//! The duty page's own words: a phone on a poor link loads no others.

import { type Language, Speech } from "../speech";
import { alert as alertEn } from "../words/alert/en";
import { alert as alertVi } from "../words/alert/vi";
import { common as commonEn } from "../words/common/en";
import { common as commonVi } from "../words/common/vi";
import { duty as dutyEn } from "../words/duty/en";
import { duty as dutyVi } from "../words/duty/vi";
import acts from "../words/said/acts.json";
import evidence from "../words/said/evidence.json";
import { signIn as signInEn } from "../words/sign-in/en";
import { signIn as signInVi } from "../words/sign-in/vi";

const VI = { ...commonVi, ...alertVi, ...dutyVi, ...signInVi };
const EN: Readonly<Record<keyof typeof VI, string>> = {
  ...commonEn,
  ...alertEn,
  ...dutyEn,
  ...signInEn,
};

export type DutyWords = Speech<keyof typeof VI>;

export function dutyWords(language: Language): DutyWords {
  return new Speech(language, language === "en" ? EN : VI, evidence, acts);
}
