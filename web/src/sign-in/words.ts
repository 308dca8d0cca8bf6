//! The words of the sign-in page alone: nobody who is not signed in needs others.

import { type Language, Speech } from "../speech";
import passwords from "../words/said/passwords.json";
import { signIn as en } from "../words/sign-in/en";
import { signIn as vi } from "../words/sign-in/vi";

export type SignInWords = Speech<keyof typeof vi>;

export function signInWords(language: Language): SignInWords {
  return new Speech(language, language === "en" ? en : vi, passwords);
}
