//! English of the console's alert side.

export const handling = {
  "handling.list": "List of alerts. j and k choose, a takes, ? shows the keys.",
  "handling.tabs": "Which alerts",
  "handling.none": "There is no alert.",
  "handling.ringing":
    "A HIGH alert was read by nobody. Touch, or press any key, to stop the sound.",
  "handling.queued": "to be sent: {what}",
  "handling.group-open": "← closes it",
  "handling.group-folded": "→ opens it",
  "handling.by-itself": "Came up by itself; nobody has opened it. a takes it.",
  "handling.not-now": "Not possible now: {what}",
  "handling.key-next": "Next alert",
  "handling.key-before": "Alert before",
  "handling.key-fold": "Open, close a group",
  "handling.key-open": "To its details",
  "handling.key-choice": "In a form: choose 1, 2, 3",
  "handling.key-send": "In a form: send",
  "handling.key-search": "Search the list",
  "handling.key-tab": "Next of the four lists",
  "handling.key-back": "Back",
};
