import assert from "node:assert/strict";
import test from "node:test";
import { Governor } from "../src/video/governor";
import { Motion } from "../src/video/motion";
import type { PlayerEvents, VideoConfiguration } from "../src/video/player";
import { Pressure } from "../src/video/pressure";
import { Wishes } from "../src/video/wishes";
import type { Header } from "../src/wire/header";

const PLACE = { width: 150, height: 84 };

/** A page whose players show what the test wants. */
function bench() {
  const clock = { nowMs: 0 };
  const players = new Map<number, { events: PlayerEvents; closed: boolean; fits: unknown[] }>();
  const pictures: { closed: boolean }[] = [];
  const changed: string[] = [];
  const way = {
    kind: "webcodecs" as const,
    open: (events: PlayerEvents) => {
      const player = { events, closed: false, fits: [] as unknown[] };
      players.set(players.size, player);
      return {
        configure: () => {},
        unit: () => {},
        fit: (place: unknown) => player.fits.push(place),
        close: () => {
          player.closed = true;
        },
      };
    },
  };
  const now = () => clock.nowMs;
  const note = (id: string) => changed.push(id);
  const show = (player: number, receivedAtMs = clock.nowMs) => {
    const one = { closed: false };
    pictures.push(one);
    players.get(player)?.events.picture({
      image: {} as CanvasImageSource,
      width: 640,
      height: 360,
      receivedAtMs,
      sequence: 1,
      close: () => {
        assert.ok(!one.closed, "closed twice");
        one.closed = true;
      },
    });
  };
  return { clock, players, pictures, changed, way, now, note, show };
}

function configured(motion: Motion, id: string, configuration: Partial<VideoConfiguration> = {}) {
  const whole = { codec: "avc1.4D401E", width: 640, height: 360, stream: "sub", ...configuration };
  const header = { kind: "video-configuration" } as Header;
  motion.take(id, header, new TextEncoder().encode(JSON.stringify(whole)), 1);
}

test("a camera without a new picture for a second is not in motion any more", () => {
  const { clock, way, now, note, show } = bench();
  const motion = new Motion(way, now, now, note);
  motion.play(new Set(["a"]));
  assert.deepEqual(motion.playing("a"), { state: "still", why: "starting" });
  show(0);
  clock.nowMs = 1000;
  assert.equal(motion.moving, 1);
  clock.nowMs = 1001;
  assert.deepEqual([motion.moving, motion.picture("a")], [0, null]);
  assert.notEqual(motion.last("a"), null, "shown until its tile is there");
});

test("a camera of one frame a second is in motion between its frames", () => {
  const { clock, way, now, note, show } = bench();
  const motion = new Motion(way, now, now, note);
  motion.play(new Set(["a"]));
  for (let second = 0; second < 30; second += 1) {
    clock.nowMs = second * 1000;
    show(0);
  }
  clock.nowMs += 1900;
  assert.equal(motion.moving, 1);
});

test("every picture is given back once: replaced, late, or of a camera that stopped", () => {
  const { way, now, note, show, pictures, players } = bench();
  const motion = new Motion(way, now, now, note);
  motion.play(new Set(["a"]));
  show(0);
  show(0);
  motion.play(new Set());
  show(0);
  assert.ok(players.get(0)?.closed);
  assert.deepEqual(
    pictures.map(({ closed }) => closed),
    [true, false, true],
  );
  motion.parted("a");
  motion.parted("a");
  assert.ok(pictures[1]?.closed);
});

test("units before a configuration of their connection are not played", () => {
  const { way, now, note } = bench();
  const motion = new Motion(way, now, now, note);
  motion.play(new Set(["a"]));
  const unit = { kind: "video", receivedAtMs: 0 } as Header;
  motion.take("a", unit, new Uint8Array(1), 1);
  assert.equal(motion.units, 0);
  configured(motion, "a");
  motion.take("a", unit, new Uint8Array(1), 1);
  motion.take("a", unit, new Uint8Array(1), 2);
  assert.equal(motion.units, 1);
});

test("the lag is the age of the freshest unit, not of a group that came at once", () => {
  const { clock, way, now, note } = bench();
  const motion = new Motion(way, now, now, note);
  motion.play(new Set(["a"]));
  configured(motion, "a");
  clock.nowMs = 5000;
  for (const receivedAtMs of [3000, 4000, 4950])
    motion.take("a", { kind: "video", receivedAtMs } as Header, new Uint8Array(1), 1);
  assert.deepEqual([motion.lag(), motion.lag()], [50, 0]);
});

test("the large camera is wished first and as main, the others in order as sub", () => {
  const { way, now, note, players } = bench();
  const wishes = new Wishes(way, now, now, note);
  wishes.on = true;
  assert.ok(wishes.want(["a", "b", "c"], "c", PLACE));
  assert.deepEqual(wishes.video, [
    { camera: "c", stream: "main" },
    { camera: "a", stream: "sub" },
    { camera: "b", stream: "sub" },
  ]);
  assert.ok(wishes.want(["a", "b", "c"], null, PLACE), "main is not wished any more");
  assert.deepEqual(wishes.video.at(-1), { camera: "c", stream: "sub" });
  assert.equal(players.size, 3, "nobody was opened anew");
  assert.deepEqual(players.get(0)?.fits, [PLACE], "the first one opened was the large one");
});

test("a codec that this browser lacks is not wished for; its tiles come often", () => {
  const { way, now, note, players } = bench();
  const wishes = new Wishes(way, now, now, note);
  wishes.on = true;
  wishes.want(["a", "b"], null, PLACE);
  configured(wishes.motion, "b", { codec: "hvc1.1.6.L60.90" });
  players.get(1)?.events.fault("unsupported");
  assert.ok(wishes.tick(250));
  assert.deepEqual(wishes.video, [{ camera: "a", stream: "sub" }]);
  assert.deepEqual(wishes.highRate, ["b"]);
  assert.deepEqual([wishes.still("b"), wishes.codec("b")], ["unsupported", "H.265"]);
});

test("what the service says of a lane is said on its cell", () => {
  const { way, now, note } = bench();
  const wishes = new Wishes(way, now, now, note);
  wishes.on = true;
  wishes.want(["a"], null, PLACE);
  wishes.motion.notice({ camera: "a", wished: "sub", stream: "tile", why: "too-slow" });
  assert.equal(wishes.still("a"), "too-slow");
  wishes.on = false;
  wishes.want([], null, PLACE);
  assert.equal(wishes.still("a"), null, "nobody wishes it to move");
});

/** Ticks each 250 ms; answers the limits at full seconds. */
function run(governor: Governor, seconds: number, pressed: boolean, from = 0, wished = 150) {
  const limits: number[] = [];
  for (let tick = 1; tick <= seconds * 4; tick += 1) {
    governor.tick((from + tick / 4) * 1000, pressed, wished);
    if (tick % 4 === 0) limits.push(Math.min(wished, governor.limit));
  }
  return limits;
}

test("a wall begins with some cells and doubles them while all is calm", () => {
  const governor = new Governor(0);
  assert.deepEqual(run(governor, 5, false), [24, 48, 96, 150, 150]);
});

test("under pressure a sixth falls at a time, and the last one stays", () => {
  const governor = new Governor(0);
  run(governor, 5, false);
  const [first, second, ...rest] = run(governor, 60, true, 5);
  assert.deepEqual([first, second], [150, 125]);
  assert.equal(rest.at(-1), 1);
  assert.ok(rest.slice(0, 6).every((limit) => limit > 40));
});

test("a moment of pressure costs nothing", () => {
  const governor = new Governor(0);
  run(governor, 5, false);
  governor.tick(5250, true, 150);
  governor.tick(5500, true, 150);
  assert.equal(run(governor, 3, false, 6).at(-1), 150);
});

test("cells come back slowly, and more slowly when that was too soon", () => {
  const governor = new Governor(0);
  run(governor, 5, false);
  const low = run(governor, 4, true, 5).at(-1) ?? 0;
  assert.equal(run(governor, 7, false, 9).at(-1), low, "calm for 8 s first");
  assert.ok((run(governor, 3, false, 16).at(-1) ?? 0) > low);
  const again = run(governor, 4, true, 19).at(-1) ?? 0;
  assert.equal(run(governor, 14, false, 23).at(-1), again, "now for 16 s");
});

const reading = (units: number, dropped = 0, lagMs = 20) => ({ units, dropped, lagMs });

function pressed(each: (n: number) => readonly [number, ReturnType<typeof reading>]): boolean {
  const pressure = new Pressure();
  let is = false;
  for (let n = 0; n < 12; n += 1) is = pressure.read(...shift(each(n)));
  return is;
}

function shift([atMs, played]: readonly [number, ReturnType<typeof reading>]) {
  return [atMs, 250, played] as const;
}

test("pressure is a late timer, units left out, or video that comes late; sleep is none", () => {
  assert.equal(
    pressed((n) => [n * 250, reading(n * 100)]),
    false,
  );
  assert.equal(
    pressed((n) => [n * 450, reading(n * 100)]),
    true,
  );
  assert.equal(
    pressed((n) => [n * 250, reading(n * 100, n * 5)]),
    true,
  );
  assert.equal(
    pressed((n) => [n * 250, reading(n * 100, 0, 900)]),
    true,
  );
  assert.equal(
    pressed((n) => [n * 250 + (n === 11 ? 60_000 : 0), reading(n * 100)]),
    false,
  );
});
