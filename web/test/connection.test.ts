import assert from "node:assert/strict";
import test from "node:test";
import { CONTROL, LifeSign, Link } from "../src/connection";

test("the first try is made at once and given up when the handshake takes too long", () => {
  const link = new Link(0, CONTROL);
  assert.equal(link.next(0), "open");
  link.opening(0);
  assert.equal(link.next(5000), "nothing");
  assert.equal(link.next(5001), "give-up");
});

test("waits double, are drawn from the whole range, and end at the longest", () => {
  const waits = [];
  const link = new Link(0, CONTROL);
  for (let n = 0; n < 8; n += 1) {
    link.opening(0);
    link.closed(0, 1);
    let due = 0;
    while (link.next(due) === "nothing") due += 1;
    waits.push(due);
  }
  assert.deepEqual(waits, [375, 625, 1125, 2125, 4125, 4125, 4125, 4125]);
  link.closed(0, 0);
  assert.equal(link.next(125), "open", "chance can make it short");
});

test("only a connection that said something starts the waits again", () => {
  const link = new Link(0, CONTROL);
  for (let n = 0; n < 6; n += 1) link.closed(0, 1);
  link.opening(0);
  link.opened(0);
  link.closed(0, 1);
  assert.equal(link.next(3000), "nothing");
  link.opened(0);
  link.heard(0);
  link.closed(0, 1);
  assert.equal(link.next(400), "open");
});

test("a control socket without a heartbeat for 15 s is given up", () => {
  const link = new Link(0, CONTROL);
  link.opened(0);
  link.heard(10_000);
  assert.equal(link.next(25_000), "nothing");
  assert.equal(link.next(25_001), "give-up");
});

test("a wall is live only once it heard the service on open sockets", () => {
  const life = new LifeSign(0);
  assert.equal(life.judge(0), "starting");
  life.heartbeat(500);
  assert.equal(life.judge(600), "starting", "the media socket is not open yet");
  life.sockets(700, true);
  assert.equal(life.judge(700), "live");
});

test("a wall that cannot reach its service says so after 3 s", () => {
  const life = new LifeSign(0);
  assert.equal(life.judge(3001), "not-live");
});

test("a short reconnect is not announced, a long one is, and recovery ends it", () => {
  const life = new LifeSign(0);
  life.heartbeat(0);
  life.sockets(0, true);
  assert.equal(life.judge(0), "live");
  life.sockets(1000, false);
  life.sockets(3500, false);
  assert.equal(life.judge(4000), "live");
  assert.equal(life.judge(4001), "not-live");
  life.heartbeat(5000);
  life.sockets(5000, true);
  assert.equal(life.judge(5000), "live");
});

test("a service that is silent on open sockets is not live after 15 s", () => {
  const life = new LifeSign(0);
  life.heartbeat(0);
  life.sockets(0, true);
  assert.equal(life.judge(15_000), "live");
  assert.equal(life.judge(15_001), "not-live");
  assert.equal(life.silentMs(15_001), 15_001);
});
