// Alerts for tests, in the service's own JSON.
import { type Alert, readAlert } from "../src/wire/alert";

const T0_US = 1_795_428_000_000_000;

/** As `domain::alert::Alert` is written by serde, with `seq` and `where` beside it. */
export function alertJson(fields: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    seq: 1,
    id: "019ab5e0-0000-7000-8000-000000000001",
    subject: { camera: "ky-anh-01" },
    kind: "covered",
    state: "unacknowledged",
    priority: "medium",
    rule: "covered",
    position: "bac",
    cameras: ["ky-anh-01"],
    site: "ky-anh",
    evidence: "63 % of the view has become flat since the reference",
    count: 1,
    opened_at: T0_US,
    raised_at: T0_US,
    cleared_at: null,
    closed_at: null,
    chattering: false,
    momentary: false,
    masked_by: null,
    masks: [],
    suppressed_until: null,
    out_of_service_until: null,
    shelved: null,
    read: null,
    acknowledged: null,
    assigned: null,
    disposition: null,
    resolved: null,
    comments: [],
    stage: null,
    drill: false,
    where: { number: 101, name: "Ngã ba Kỳ Anh", site: "Kỳ Anh" },
    ...fields,
  };
}

export function alertOf(fields: Readonly<Record<string, unknown>> = {}): Alert {
  const alert = readAlert(alertJson(fields));
  if (alert === undefined) throw new Error("the test's alert cannot be read");
  return alert;
}

export const signedBy = (person: string): Record<string, unknown> => ({
  by: { user: "anonymous", person },
  at: T0_US + 1_000_000,
});

export const T0_MS = T0_US / 1000;
