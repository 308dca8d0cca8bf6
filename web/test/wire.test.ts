import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { decode, isAfter } from "../src/wire/header";
import { byImportance, completeCamera, parse, parseWall } from "../src/wire/messages";

function golden(): Buffer {
  // The same bytes as the Rust tests read.
  return Buffer.from(readFileSync("../tests/golden/media-header.hex", "utf8").trim(), "hex");
}

function bytes(...parts: Uint8Array[]): ArrayBuffer {
  const all = Buffer.concat(parts);
  return all.buffer.slice(all.byteOffset, all.byteOffset + all.byteLength) as ArrayBuffer;
}

test("the golden header reads as the protocol page says", () => {
  const message = decode(bytes(golden(), Buffer.from("jpeg")));
  assert.ok(message.ok);
  assert.deepEqual(message.header, {
    kind: "tile",
    keyframe: true,
    discontinuity: false,
    notLive: false,
    handle: 0x01020304,
    sequence: 7,
    receivedAtMs: 1_700_000_000_000,
    mediaTime: 90_000,
  });
  assert.equal(Buffer.from(message.payload).toString(), "jpeg");
});

test("each flag and kind is told apart", () => {
  const wire = golden();
  wire.writeUInt16BE(6, 2);
  wire.writeUInt8(3, 1);
  const message = decode(bytes(wire));
  assert.ok(message.ok);
  const { kind, keyframe, discontinuity, notLive } = message.header;
  assert.deepEqual(
    [kind, keyframe, discontinuity, notLive],
    ["video-configuration", false, true, true],
  );
});

test("a message that cannot be read is a value and no exception", () => {
  const version = golden();
  version.writeUInt8(2, 0);
  const kind = golden();
  kind.writeUInt8(9, 1);
  const cases: readonly (readonly [Uint8Array, string])[] = [
    [new Uint8Array(0), "short"],
    [golden().subarray(0, 23), "short"],
    [version, "version"],
    [kind, "kind"],
  ];
  for (const [wire, why] of cases) assert.deepEqual(decode(bytes(wire)), { ok: false, why });
});

test("sequences wrap", () => {
  assert.ok(isAfter(0, 0xffff_ffff));
  assert.ok(isAfter(8, 7));
  assert.ok(!isAfter(7, 7));
  assert.ok(!isAfter(0xffff_ffff, 0));
});

const CAMERA = {
  id: "ky-anh-01",
  handle: 7,
  number: 101,
  name: "Ngã ba Kỳ Anh",
  site: "ky-anh",
  state: "online",
  conditions: [],
  reason: null,
  last_frame_at: 1_700_000_000_000_000,
  refresh_s: 2.5,
  codec: "h264",
  width: 640,
  height: 360,
};

test("a camera list is read, and one broken entry does not hide the others", () => {
  const list = [CAMERA, { id: "NOT AN ID" }, 5, null, { ...CAMERA, id: "b", handle: -1 }];
  const message = parse(JSON.stringify({ type: "cameras", cameras: list }));
  assert.ok(message.type === "cameras");
  assert.equal(message.cameras.length, 1);
  assert.equal(message.cameras[0]?.refreshMs, 2500);
  assert.equal(message.cameras[0]?.name, "Ngã ba Kỳ Anh");
});

test("a change carries only the fields that it names", () => {
  const message = parse('{"type":"camera","id":"ky-anh-01","state":"stalled"}');
  assert.ok(message.type === "camera");
  assert.deepEqual(message.change, { id: "ky-anh-01", state: "stalled" });
});

test("a state that this page does not know never reads as online", () => {
  const message = parse('{"type":"camera","id":"a","state":"dreaming"}');
  assert.ok(message.type === "camera");
  assert.equal(message.change.state, "unknown");
  assert.equal(completeCamera({ id: "a", handle: 1 })?.state, "unknown");
});

test("a name cannot turn the text's direction or carry control characters", () => {
  const message = parse(
    JSON.stringify({ type: "camera", id: "a", name: "\u202eevil\u0000\n\u2066x" }),
  );
  assert.ok(message.type === "camera");
  assert.equal(message.change.name, "evil   x");
});

test("hello, heartbeat, wall, reset and error are read", () => {
  assert.deepEqual(parse('{"type":"heartbeat","server_time":5000,"alert_head":1}'), {
    type: "heartbeat",
    serverTimeMs: 5,
    alertHead: 1,
  });
  const wall = { id: "main", name: null, revision: 3, cells: [2, 1] };
  assert.deepEqual(
    parse('{"type":"wall","id":"main","revision":3,"layout":"grid","cells":[2,1]}'),
    {
      type: "wall",
      wall,
    },
  );
  assert.deepEqual(parseWall({ ...wall, cells: [2, "x", 1] }), wall);
  assert.deepEqual(parse('{"type":"reset"}'), { type: "reset" });
  assert.deepEqual(parse('{"type":"error","problem":{"title":"no"}}'), {
    type: "error",
    title: "no",
  });
  assert.deepEqual(parse('{"type":"tomorrow"}'), { type: "other" });
});

test("what is not a message is bad and no exception", () => {
  for (const text of ["", "[]", "null", "{", '{"type":7}', '{"type":"hello"}', '{"type":"wall"}']) {
    assert.equal(parse(text).type, "bad", text);
  }
});

test("the most important cameras come first, and those that are equal as they stood", () => {
  const of = { a: "low", b: "normal", c: "high", d: "vital" };
  const cameras = Object.entries(of).map(([id, importance], handle) => ({
    id,
    handle,
    importance,
  }));
  const message = parse(JSON.stringify({ type: "cameras", cameras }));
  assert.ok(message.type === "cameras");
  const known = new Map(message.cameras.map((camera) => [camera.id, camera]));
  assert.equal(known.get("d")?.importance, "normal", "a class that is not known is the usual one");
  const order = byImportance(["x", "a", "b", "c", "d"], (id) => known.get(id));
  assert.deepEqual(order, ["c", "x", "b", "d", "a"]);
});
