// Two screens of one wall in a real browser, against the stand-in service of `dev/serve.mjs`: what is
// pushed is painted where it belongs, and both screens follow one change.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { serve } from "../dev/serve.mjs";
import { chromiumPath, launch, looksLive, open, waitForTile } from "./chromium.mjs";

/** The left screen's sixteen cells, four of the middle one, none of the right one. */
const CAMERAS = 20;
/** The machine may be busy with other tests. */
const WITHIN_MS = 60_000;

describe("the screens of a wall", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;

  before(async () => {
    server = await serve({ cameras: CAMERAS, screens: true });
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const screen = (id) =>
    open(browser, `http://127.0.0.1:${server.port}/wall/main?screen=${id}`, {
      width: 1280,
      height: 720,
    });
  const tell = async (command) => {
    const answer = await fetch(`http://127.0.0.1:${server.port}/api/v1/walls/main/commands`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(command),
    });
    assert.equal(answer.status, 200, await answer.text());
  };
  const shows = (page, cell, camera) =>
    page.waitForFunction(
      ([at, id]) => JSON.parse(document.getElementById("wall").dataset.cells)[at] === id,
      [cell, camera],
      { timeout: WITHIN_MS },
    );
  const isEmpty = ({ colourful, marked }) => !marked && colourful < 0.01;

  test("a push is painted on its screen, and two screens change places together", async () => {
    const [left, right] = [await screen("left"), await screen("right")];
    const id = (index) => server.list[index].view.id;
    await shows(left, 0, id(0));
    await waitForTile(left, 0, looksLive, WITHIN_MS);
    await shows(right, 4, "");
    await waitForTile(right, 4, isEmpty, WITHIN_MS);
    assert.equal(await left.evaluate(() => JSON.parse(wall.dataset.grid).columns), 4);
    assert.equal(await right.evaluate(() => JSON.parse(wall.dataset.grid).columns), 3);

    await tell({ command: "show", camera: id(19), screen: "right", cell: 4 });
    await waitForTile(right, 4, looksLive, WITHIN_MS);
    await shows(right, 4, id(19));
    await shows(left, 0, id(0));

    const swap = { from: { screen: "left", cell: 0 }, to: { screen: "right", cell: 8 } };
    await tell({ command: "swap", ...swap });
    await waitForTile(right, 8, looksLive, WITHIN_MS);
    await waitForTile(left, 0, isEmpty, WITHIN_MS);
    for (const page of [left, right]) {
      assert.deepEqual(page.faults, []);
      await page.context().close();
    }
  });

  test("a large cell is painted large, and an alert's cell is framed and named", async () => {
    const page = await screen("middle");
    await shows(page, 0, server.list[16].view.id);
    const { large, columns } = await page.evaluate(() => JSON.parse(wall.dataset.grid));
    assert.deepEqual([large, columns], [2, 3]);
    const cell = server.walls.wall.screens[1].cells[0];
    Object.assign(cell, { why: "alert", alert: "0190a5d0-0000-7000-8000-000000000001" });
    await tell({ command: "keep", id: "now", name: "Now" });
    // The frame's amber, on the left edge half way down.
    await page.waitForFunction(
      () => {
        const canvas = document.getElementById("wall");
        const { left, top, pictureHeight } = JSON.parse(canvas.dataset.grid);
        const at = canvas.getContext("2d").getImageData(left + 1, top + pictureHeight, 1, 1);
        const [r, g, b] = at.data;
        return r > 200 && g > 140 && b < 120;
      },
      null,
      { timeout: WITHIN_MS },
    );
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
});
