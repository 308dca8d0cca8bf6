//! English of the sign-in page, and of what says who is signed in.

import type { signIn as vi } from "./vi";

export const signIn: Readonly<Record<keyof typeof vi, string>> = {
  "sign-in.title": "Sign in",
  "sign-in.name": "Account",
  "sign-in.password": "Password",
  "sign-in.show": "Show what is typed",
  "sign-in.go": "Sign in",
  "sign-in.going": "Checking …",
  "sign-in.refused": "Name or password are not right, or the account is locked for now.",
  "sign-in.locked": "Too many failures. Wait some minutes, then try again.",
  "sign-in.unreachable": "The service cannot be reached. Try again.",
  "sign-in.failed":
    "The service cannot sign you in now. Try again, and tell the administrator if it lasts.",
  "sign-in.change": "Set a new password",
  "sign-in.change-why":
    "The password that you used works once. Set one of your own, at least 12 characters; a sentence that you remember is best.",
  "sign-in.new": "New password",
  "sign-in.again": "The new password again",
  "sign-in.differ": "The two are not the same.",
  "sign-in.set": "Set it and go on",
  "sign-in.screen": "This is a screen of the wall (has a token)",
  "sign-in.person": "Sign in with an account",
  "sign-in.token": "The screen's token",
  "sign-in.token-why":
    "An administrator makes it at /admin/token, or with: watchwall token create --role screen",
  "sign-in.token-refused": "The token is not right, has expired or was revoked.",
  "sign-in.out": "Sign out",
  "sign-in.as": "Signed in: {user}",
  "role.screen": "Screen",
  "role.duty": "Duty officer",
  "role.operator": "Operator",
  "role.supervisor": "Supervisor",
  "role.admin": "Administrator",
};
