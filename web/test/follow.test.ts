import assert from "node:assert/strict";
import test from "node:test";
import { AlertBook } from "../src/alert/book";
import { Follower } from "../src/alert/follow";
import { alertOf } from "./alerts";

test("the first connection follows from the head at once and wants the list beside it", () => {
  const follower = new Follower();
  assert.deepEqual(follower.hello(40), { after: 40, list: true });
  assert.equal(follower.listing, true);
  assert.equal(follower.confirm(0), null, "nothing has come yet");
  assert.equal(follower.change(41), true);
  assert.equal(follower.confirm(0), 41);
  follower.list();
  assert.equal(follower.listing, false);
});

test("a later connection resumes where the last one ended", () => {
  const follower = new Follower();
  follower.hello(40);
  follower.list();
  follower.change(41);
  follower.ended();
  assert.deepEqual(follower.hello(60), { after: 41, list: false });
  assert.equal(follower.change(41), false, "what was known is not new");
  assert.equal(follower.change(42), true);
  assert.equal(follower.cursor, 42);
});

test("far behind, reset, or behind a service that knows less, a list is wanted", () => {
  for (const head of [241 + 41, 12]) {
    const follower = new Follower();
    follower.hello(40);
    follower.list();
    follower.change(41);
    assert.deepEqual(follower.hello(head), { after: head, list: true }, `head ${head}`);
  }
  const follower = new Follower();
  follower.hello(40);
  follower.list();
  follower.reset();
  assert.deepEqual(follower.hello(41), { after: 41, list: true });
});

test("a connection that ended before its list came asks for it again", () => {
  const follower = new Follower();
  follower.hello(40);
  follower.change(41);
  follower.ended();
  assert.deepEqual(follower.hello(41), { after: 41, list: true });
});

test("behind a heartbeat's head for three seconds is behind, until it has caught up", () => {
  const follower = new Follower();
  follower.hello(5);
  follower.list();
  follower.heartbeat(5, 0);
  assert.equal(follower.isBehind(60_000), false);
  follower.heartbeat(7, 60_000);
  assert.equal(follower.isBehind(62_900), false);
  assert.equal(follower.isBehind(63_000), true);
  follower.change(6);
  follower.heartbeat(8, 65_000);
  assert.equal(follower.isBehind(65_000), true, "a new head does not begin it anew");
  follower.change(7);
  follower.change(8);
  assert.equal(follower.isBehind(65_001), false);
});

test("confirmations are cumulative, at most one a second, and only of what came", () => {
  const follower = new Follower();
  follower.hello(0);
  follower.list();
  const sent: (number | null)[] = [];
  for (let ms = 0; ms < 3000; ms += 100) {
    follower.change(ms / 100 + 1);
    sent.push(follower.confirm(ms));
  }
  assert.deepEqual(
    sent.filter((seq) => seq !== null),
    [1, 11, 21],
  );
  assert.equal(follower.confirm(3100), 30);
  follower.ended();
  follower.hello(31);
  assert.equal(follower.confirm(10_000), null);
  follower.change(31);
  assert.equal(follower.confirm(20_000), 31);
});

test("a number that was left out is a hole, and said", () => {
  const follower = new Follower();
  follower.hello(3);
  follower.change(4);
  assert.equal(follower.holes, 0);
  follower.change(7);
  assert.equal(follower.holes, 2);
});

test("twenty drops at random end with every alert, each once, in order", () => {
  // The same dice each time (Park and Miller's generator).
  let seed = 7;
  const chance = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  const follower = new Follower();
  const seen: number[] = [];
  let head = 0;
  let sentUpTo: number | null = null;
  for (let step = 0; step < 5000; step += 1) {
    if (chance() < 0.4) head += 1;
    if (sentUpTo === null) {
      const { after, list } = follower.hello(head);
      if (list) {
        // What the list says stands for all changes up to the head.
        seen.push(...Array.from({ length: head - seen.length }, (_, n) => seen.length + n + 1));
        follower.list();
      }
      sentUpTo = after;
    }
    while (sentUpTo < head && chance() < 0.7) {
      sentUpTo += 1;
      if (follower.change(sentUpTo)) seen.push(sentUpTo);
    }
    if (chance() < 0.02) {
      follower.ended();
      sentUpTo = null;
    }
  }
  const { after } = follower.hello(head);
  for (let seq = after + 1; seq <= head; seq += 1) if (follower.change(seq)) seen.push(seq);
  assert.deepEqual(
    seen,
    Array.from({ length: head }, (_, n) => n + 1),
  );
  assert.equal(follower.holes, 0);
});

test("the newest change of an alert wins, whether the list or the change comes first", () => {
  const closed = alertOf({ seq: 12, state: "normal" });
  const open = alertOf({ seq: 10 });
  const book = new AlertBook();
  book.apply(closed, 0);
  book.replace([open], 10, 0);
  assert.equal(book.open.length, 0, "a list on its way brings nothing back that is over");
  const other = new AlertBook();
  other.replace([open], 10, 0);
  assert.equal(other.open.length, 1);
  assert.equal(other.apply(closed, 0), true);
  assert.equal(other.apply(open, 0), false);
  assert.equal(other.open.length, 0);
});

test("what a list does not name was over by then, and what came after it stays", () => {
  const book = new AlertBook();
  book.apply(alertOf({ id: "a", seq: 3 }), 0);
  book.apply(alertOf({ id: "b", seq: 9 }), 0);
  book.replace([], 5, 0);
  assert.deepEqual(
    book.open.map(({ id }) => id),
    ["b"],
  );
});

test("what was kept from before yields to the list, also of a service that began anew", () => {
  const book = new AlertBook();
  book.apply(alertOf({ id: "gone", seq: 900 }), 0);
  book.apply(alertOf({ id: "still", seq: 901, count: 9 }), 0);
  book.doubt();
  book.apply(alertOf({ id: "new", seq: 5 }), 0);
  book.replace([alertOf({ id: "still", seq: 2, count: 1 })], 4, 0);
  assert.deepEqual(book.open.map(({ id, count }) => [id, count]).sort(), [
    ["new", 1],
    ["still", 1],
  ]);
});

test("what is over is shown for two minutes, then forgotten", () => {
  const book = new AlertBook();
  book.apply(alertOf({ state: "normal" }), 1000);
  assert.equal(book.tidy(100_000), false);
  assert.equal(book.all.length, 1);
  assert.equal(book.tidy(121_001), true);
  assert.equal(book.all.length, 0);
});
