import assert from "node:assert/strict";
import test from "node:test";
import { Pictures } from "../src/pictures";
import type { Header } from "../src/wire/header";

interface Fake {
  readonly sequence: number;
  closed: number;
  close(): void;
}

/** Pictures whose decoding the test finishes by hand; a JPEG is one byte, its sequence. */
function bench() {
  const open: { sequence: number; done: (ok: boolean) => Promise<void> }[] = [];
  const made: Fake[] = [];
  const changed: string[] = [];
  const covered = new Set<string>();
  const pictures = new Pictures<Fake>(
    (jpeg) =>
      new Promise((resolve, reject) => {
        const sequence = jpeg[0] ?? 0;
        open.push({
          sequence,
          done: async (ok) => {
            const fake: Fake = {
              sequence,
              closed: 0,
              close() {
                this.closed += 1;
              },
            };
            if (ok) made.push(fake);
            if (ok) resolve(fake);
            else reject(new Error("broken"));
            await new Promise((turn) => setImmediate(turn));
          },
        });
      }),
    (id) => changed.push(id),
    (id) => covered.has(id),
  );
  const arrive = (id: string, sequence: number, nowMs = sequence * 1000) => {
    const header: Header = {
      kind: "tile",
      keyframe: true,
      discontinuity: false,
      notLive: false,
      handle: 1,
      sequence,
      receivedAtMs: nowMs,
      mediaTime: 0,
    };
    pictures.arrive(id, header, new Uint8Array([sequence]), 1, nowMs, nowMs);
  };
  return { pictures, open, made, changed, covered, arrive };
}

test("one picture per tile is decoded at a time, and of those that wait the newest wins", async () => {
  const { pictures, open, made, arrive } = bench();
  pictures.sight(new Set(["a"]));
  for (const sequence of [1, 2, 3, 4]) arrive("a", sequence);
  assert.deepEqual(
    open.map((one) => one.sequence),
    [1],
  );
  await open[0]?.done(true);
  assert.deepEqual(
    open.map((one) => one.sequence),
    [1, 4],
  );
  await open[1]?.done(true);
  assert.equal(pictures.shown("a")?.header.sequence, 4);
  assert.deepEqual(
    made.map((fake) => fake.closed),
    [1, 0],
  );
});

test("a slow tile holds up no other", () => {
  const { pictures, open, arrive } = bench();
  pictures.sight(new Set(["a", "b"]));
  arrive("a", 1);
  arrive("b", 1);
  assert.equal(open.length, 2);
});

test("a picture that cannot be decoded is no progress: the old one ages on", async () => {
  const { pictures, open, arrive } = bench();
  pictures.sight(new Set(["a"]));
  arrive("a", 1);
  await open[0]?.done(true);
  arrive("a", 9);
  await open[1]?.done(false);
  assert.equal(pictures.shown("a")?.header.sequence, 1);
  assert.equal(pictures.freshness("a")?.ageMs(11_000), 10_000);
  assert.equal(pictures.broken, 1);
});

test("a camera that goes while its picture is decoded leaves nothing behind", async () => {
  const { pictures, open, made, changed, arrive } = bench();
  pictures.sight(new Set(["a"]));
  arrive("a", 1);
  pictures.forget("a");
  await open[0]?.done(true);
  assert.deepEqual([made[0]?.closed, pictures.size, changed.length], [1, 0, 0]);
});

test("out of sight a tile keeps only its JPEG, goes on ageing, and is decoded when seen again", async () => {
  const { pictures, open, made, arrive } = bench();
  pictures.sight(new Set(["a"]));
  arrive("a", 1);
  await open[0]?.done(true);
  pictures.sight(new Set());
  assert.equal(made[0]?.closed, 1);
  assert.equal(pictures.shown("a"), null);
  arrive("a", 5);
  assert.equal(open.length, 1, "nothing is decoded out of sight");
  assert.equal(pictures.freshness("a")?.ageMs(7000), 2000);
  pictures.sight(new Set(["a"]));
  await open[1]?.done(true);
  assert.equal(pictures.shown("a")?.header.sequence, 5);
});

test("behind live video a tile is not decoded, but ready to be as soon as that stops", async () => {
  const { pictures, open, made, covered, arrive } = bench();
  pictures.sight(new Set(["a"]));
  arrive("a", 1);
  await open[0]?.done(true);
  covered.add("a");
  arrive("a", 2);
  arrive("a", 3);
  assert.equal(open.length, 1);
  assert.equal(made[0]?.closed, 1, "an old picture must not be seen again");
  assert.equal(pictures.header("a")?.sequence, 3);
  assert.equal(pictures.freshness("a")?.ageMs(3500), 500);
  covered.delete("a");
  pictures.uncover("a");
  pictures.uncover("a");
  assert.equal(open.length, 2);
  await open[1]?.done(true);
  assert.equal(pictures.shown("a")?.header.sequence, 3);
});
