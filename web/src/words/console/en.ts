//! English of the operator's console.

export const operator = {
  "console.title": "Console",
  "console.nobody": "not signed in",
};
