import assert from "node:assert/strict";
import test from "node:test";
import {
  badness,
  EVERYTHING,
  type Filter,
  NO_SITE,
  readFilter,
  SORTS,
  STATES,
  select,
  writeFilter,
} from "../src/health/filter";
import { Sites } from "../src/sites";
import type { Camera } from "../src/wire/messages";
import { camera, standing } from "./cameras";

const sites = new Sites();
const counts = { cameras: 1, watchable: 1, downSinceMs: null, evidence: null };
sites.take([
  { id: "ha-tinh", name: "Hà Tĩnh", parent: null, ...counts },
  { id: "ky-anh", name: "Kỳ Anh", parent: "ha-tinh", ...counts },
]);

const CAMERAS: readonly Camera[] = [
  camera({ id: "a", number: 3, name: "Cổng chính", site: "ky-anh", sinceMs: 100 }),
  camera({ id: "b", number: 1, name: "Đường số 1", state: "offline", sinceMs: 300 }),
  camera({
    id: "c",
    number: 2,
    name: "Chợ",
    site: "ha-tinh",
    state: "suspect",
    sinceMs: 200,
    ...standing("frozen"),
  }),
  camera({ id: "d", number: 4, name: "Âu tàu", state: "maintenance", sinceMs: 400 }),
];

function shown(filter: Partial<Filter>): string {
  const selection = select(CAMERAS, { ...EVERYTHING, ...filter }, sites);
  return selection.shown.map(({ id }) => id).join("");
}

test("the worst comes first unless another order is wished for", () => {
  assert.equal(shown({}), "bcad");
  assert.equal(shown({ descending: true }), "dacb");
});

test("each order does what it says, and its reverse the opposite", () => {
  assert.equal(shown({ sort: "number" }), "bcad");
  assert.equal(shown({ sort: "number", descending: true }), "dacb");
  // The condition of `c` stands since 5000.
  assert.equal(shown({ sort: "since" }), "cdba");
  // Vietnamese order: Â after A, before C; Đ after D.
  assert.equal(shown({ sort: "name" }), "dcab");
  assert.equal(shown({ sort: "site" }), "cabd", "those at no site are last");
});

test("text finds name, number, id and the names of the sites above, without accents", () => {
  assert.equal(shown({ text: "duong" }), "b");
  assert.equal(shown({ text: "ky anh" }), "a");
  assert.equal(shown({ text: "Hà tĩnh" }), "ca");
  assert.equal(shown({ text: "3" }), "a");
  assert.equal(shown({ text: " cho " }), "c");
  assert.equal(shown({ text: "nothing of the kind" }), "");
});

test("a site holds the cameras of the sites below it", () => {
  assert.equal(shown({ site: "ha-tinh" }), "ca");
  assert.equal(shown({ site: "ky-anh" }), "a");
  assert.equal(shown({ site: NO_SITE }), "bd");
});

test("state and condition narrow down, and counts leave the wish for a state aside", () => {
  assert.equal(shown({ state: "offline" }), "b");
  assert.equal(shown({ condition: "frozen" }), "c");
  const { counts: by, counted } = select(CAMERAS, { ...EVERYTHING, state: "offline" }, sites);
  assert.equal(counted, 4);
  assert.deepEqual([by.get("offline"), by.get("suspect"), by.get("stalled")], [1, 1, undefined]);
});

test("a camera that is lost with its site stands behind those with a cause of their own", () => {
  const own = camera({ state: "offline" });
  const masked = camera({ state: "offline", maskedBy: "ky-anh" });
  const suspect = camera({ state: "suspect", ...standing("moved") });
  assert.ok(badness(own) > badness(suspect));
  assert.ok(badness(suspect) > badness(masked));
  assert.ok(badness(masked) > badness(camera({})));
});

test("an online camera with something standing comes before one without", () => {
  assert.ok(badness(camera(standing("clock-skew"))) > badness(camera({})));
});

test("the address carries the filter there and back, and only what differs", () => {
  const wished: Filter = {
    text: "ky anh",
    site: "ky-anh",
    state: "suspect",
    condition: "frozen",
    sort: "since",
    descending: true,
  };
  const query = writeFilter(wished, new URLSearchParams("lang=en&q=old"));
  assert.equal(query.get("lang"), "en");
  assert.deepEqual(readFilter(query), wished);
  assert.equal(writeFilter(EVERYTHING, query).toString(), "lang=en");
});

test("an address that makes no sense is the default", () => {
  assert.deepEqual(readFilter(new URLSearchParams("sort=weight&dir=up")), EVERYTHING);
  for (const sort of SORTS) assert.equal(readFilter(new URLSearchParams({ sort })).sort, sort);
});

test("cameras that are well stand by their numbers, troubled ones by when it began", () => {
  const well = [3, 1, 2].map((number) =>
    camera({ id: `w${number}`, number, sinceMs: 100 * number }),
  );
  const lost = [3, 1, 2].map((number) =>
    camera({ id: `l${number}`, number, state: "offline", sinceMs: 100 * number }),
  );
  const { shown: all } = select([...well, ...lost], EVERYTHING, sites);
  assert.equal(all.map(({ id }) => id).join(" "), "l3 l2 l1 w1 w2 w3");
});

test("every state is counted", () => {
  const states = new Set<string>(STATES);
  for (const { state } of CAMERAS) assert.ok(states.has(state));
  assert.equal(states.size, 9);
});
