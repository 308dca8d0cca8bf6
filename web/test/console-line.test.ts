import assert from "node:assert/strict";
import test from "node:test";
import { readOrder } from "../src/console/command";
import { actionOf, type Pressed } from "../src/console/keys";

test("digits call a camera", () => {
  assert.deepEqual(readOrder(" 101 "), { do: "call", number: 101 });
  assert.equal(readOrder("0").do, "find");
  assert.equal(readOrder("99999999999").do, "find");
});

test("w pushes: a number or the chosen camera, to the best place, a screen, a cell of it", () => {
  const push = (number: number | null, screen: string | null, cell: number | null) => {
    return { do: "push", number, screen, cell } as const;
  };
  assert.deepEqual(readOrder("w101"), push(101, null, null));
  assert.deepEqual(readOrder("w 101 left 3"), push(101, "left", 3));
  assert.deepEqual(readOrder("w101 left"), push(101, "left", null));
  assert.deepEqual(readOrder("W101 3"), push(101, null, 3));
  assert.deepEqual(readOrder("w"), push(null, null, null));
  assert.deepEqual(readOrder("w left 2"), push(null, "left", 2));
});

test("g sends a camera or the chosen one to a colleague, or asks who is there", () => {
  const hand = (number: number | null, to: string) => ({ do: "hand", number, to }) as const;
  assert.deepEqual(readOrder("g101 an"), hand(101, "an"));
  assert.deepEqual(readOrder("g 101 Trần Thị Bình"), hand(101, "Trần Thị Bình"));
  assert.deepEqual(readOrder("g an"), hand(null, "an"));
  assert.deepEqual(readOrder("g"), hand(null, ""));
  assert.equal(readOrder("ga Vinh").do, "find");
});

test("layouts are called as they are written", () => {
  assert.deepEqual(readOrder("3x3"), { do: "layout", layout: "3x3" });
  assert.deepEqual(readOrder("1+5"), { do: "layout", layout: "1+5" });
  assert.equal(readOrder("7x9").do, "find");
});

test("a tour names its cameras, its time, both or neither", () => {
  const tour = (numbers: readonly number[], dwellS: number | null) => {
    return { do: "tour", numbers, dwellS } as const;
  };
  assert.deepEqual(readOrder("t 101 102, 103 12s"), tour([101, 102, 103], 12));
  assert.deepEqual(readOrder("t 15s"), tour([], 15));
  assert.deepEqual(readOrder("t"), tour([], null));
  assert.equal(readOrder("t chợ").do, "find");
});

test("texts are kept as they were typed", () => {
  assert.deepEqual(readOrder("n  Xe lạ ở cổng  "), { do: "note", text: "Xe lạ ở cổng" });
  assert.deepEqual(readOrder("b 38A-123"), { do: "bookmark", text: "38A-123" });
  assert.deepEqual(readOrder("s Ca đêm"), { do: "save", text: "Ca đêm" });
  assert.deepEqual(readOrder("c ca dem"), { do: "recall", text: "ca dem" });
  assert.deepEqual(readOrder("p night"), { do: "preset", text: "night" });
  assert.deepEqual(readOrder("k Kỳ thi"), { do: "keep", text: "Kỳ thi" });
  assert.deepEqual(readOrder("f left"), { do: "fill", text: "left" });
});

test("whatever is no order is searched for", () => {
  for (const text of ["ky anh", "n", "wall-e", "xyz", "xin chào"]) {
    assert.deepEqual(readOrder(text), { do: "find", text });
  }
  assert.deepEqual(readOrder("   "), { do: "nothing" });
});

const press = (key: string, more: Partial<Pressed> = {}): Pressed => ({
  key,
  code: "",
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});

test("in a field only function keys and Escape are the page's", () => {
  for (const key of ["1", "w", "/", "?", "Enter", "ArrowLeft", "Delete"]) {
    assert.equal(actionOf(press(key), "typing"), null, key);
  }
  assert.equal(actionOf(press("F2"), "typing"), "to-cameras");
  assert.equal(actionOf(press("Escape"), "typing"), "back");
});

test("a digit begins an order, and with Shift calls a salvo on any keyboard", () => {
  assert.deepEqual(actionOf(press("1", { code: "Digit1" }), "grid"), { type: "1" });
  assert.deepEqual(actionOf(press("7", { code: "Numpad7" }), "list"), { type: "7" });
  const salvo = press("!", { code: "Digit1", shiftKey: true });
  assert.deepEqual(actionOf(salvo, "grid"), { salvo: 1 });
});

test("the browser's own keys stay the browser's", () => {
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) {
    for (const key of ["l", "1", "F4", "w", "ArrowLeft"]) {
      assert.equal(actionOf(press(key, held), "grid"), null);
    }
  }
  assert.equal(actionOf(press("F5"), "grid"), null);
});

test("a part with letters of its own keeps them", () => {
  for (const key of ["s", "b", "n", "x", "l", "m", "t", "/", "Enter", "ArrowDown"]) {
    assert.equal(actionOf(press(key), "list"), null, key);
  }
  assert.equal(actionOf(press("?"), "list"), "help");
});
