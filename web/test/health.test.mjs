// The health pages, and the wall's signs of health, in a real browser against the stand-in service.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { serve } from "../dev/serve.mjs";
import { chromiumPath, launch, live, open, tilePixels, waitForTile } from "./chromium.mjs";

const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;
const CAMERAS = 150;
const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
/** Nobody waits longer than this for anything here. */
const PATIENCE_MS = 15_000;

describe("the health pages", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;
  let origin;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    server = await serve({ cameras: CAMERAS });
    origin = `http://127.0.0.1:${server.port}`;
    browser = await launch();
  });

  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const shoot = (page, name) => page.screenshot({ path: `${ARTIFACTS}health-${name}.png` });
  const enter = async (path, options) => {
    const page = await open(browser, `${origin}${path}`, options);
    page.setDefaultTimeout(PATIENCE_MS);
    await live(page, true);
    return page;
  };
  const untilText = (page, selector, wanted) =>
    page.waitForFunction(
      ([at, text]) => document.querySelector(at)?.textContent?.includes(text),
      [selector, wanted],
    );
  const row = (page, id) => page.locator(`#row-${id}`);

  test("the list counts every camera and tells a new condition as it happens", async () => {
    const page = await enter("/health");
    await untilText(page, ".shown", `${CAMERAS}/${CAMERAS} camera`);
    assert.equal(await chip(page, "online"), "150");
    assert.equal(await page.locator('.chip[data-state="suspect"]').isVisible(), false);
    server.setFault(142, "covered");
    // The worst comes first.
    await untilText(page, ".space .row:first-child .conditions", "Bị che");
    assert.equal(await chip(page, "suspect"), "1");
    const first = page.locator(".space .row:first-child");
    assert.match(await first.textContent(), /Cần kiểm tra142/);
    assert.equal(await first.locator("canvas").getAttribute("data-sign"), "covered");
    assert.match(await first.locator(".evidence").textContent(), /63 % góc nhìn bị che/);
    server.setFault(142, "none");
    await page.waitForFunction(
      () => document.querySelector('.chip[data-state="online"] b').textContent === "150",
    );
    await finish(page);
  });

  test("search needs no accents, and the address keeps what was wished for", async () => {
    const page = await enter("/health");
    await page.keyboard.press("/");
    await page.keyboard.type("ky anh");
    await untilText(page, ".shown", "22/150");
    for (const name of await page.locator(".space .row:visible .name").allTextContents())
      assert.match(name, /Kỳ Anh/);
    await page.selectOption("#sort", "number");
    await page.locator("#direction").click();
    assert.match(page.url(), /q=ky\+anh&sort=number&dir=desc$/);
    await page.reload();
    await untilText(page, ".shown", "22/150");
    assert.equal(await page.locator("#search").inputValue(), "ky anh");
    assert.equal(await page.locator(".space .row:first-child .number").textContent(), "248");
    await page.locator("#clear").click();
    await untilText(page, ".shown", "150/150");
    assert.doesNotMatch(page.url(), /q=/);
    await finish(page);
  });

  test("state, condition and site narrow the list down", async () => {
    for (const [number, kind] of [
      [103, "frozen"],
      [104, "frozen"],
      [105, "auth"],
    ])
      server.setFault(number, kind);
    const page = await enter("/health?lang=en");
    await page.locator('.chip[data-state="suspect"]').click();
    await untilText(page, ".shown", "2 of 150");
    await page.locator('.chip[data-state=""]').click();
    await page.selectOption("#condition", "credentials-rejected");
    await untilText(page, ".shown", "1 of 150");
    assert.equal(await row(page, "cam-005").locator(".state").textContent(), "Offline");
    await page.locator("#clear").click();
    await page.selectOption("#site", "can-loc");
    await untilText(page, ".shown", "22 of 150");
    await page.locator('.place[data-site="ha-tinh"]').click();
    await untilText(page, ".shown", "150 of 150");
    for (const number of [103, 104, 105]) server.setFault(number, "none");
    await finish(page);
  });

  test("the keyboard alone leads to a camera and back to the list as it was", async () => {
    const page = await enter("/health?q=can+loc&sort=number");
    await untilText(page, ".shown", "22/150");
    await page.locator("#list").focus();
    for (const key of ["End", "Home", "ArrowDown", "ArrowDown"]) await page.keyboard.press(key);
    await page.waitForFunction(
      () => document.querySelector('.row[aria-selected="true"] .number')?.textContent === "117",
    );
    const active = await page.locator("#list").getAttribute("aria-activedescendant");
    assert.equal(active, "row-cam-017");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/health/cam-017");
    await untilText(page, "h2", "Can Lộc");
    await page.locator("#back").click();
    await page.waitForURL("**/health?q=can+loc&sort=number");
    await finish(page);
  });

  test("a site that is down is one line, and its cameras stand behind the others", async () => {
    server.setSite("ky-anh", true);
    server.setFault(104, "looped");
    const page = await enter("/health");
    await untilText(page, ".alarms", "Hà Tĩnh › Kỳ Anh mất kết nối");
    assert.equal(await page.locator(".alarm").count(), 1);
    await untilText(page, ".space .row:first-child", "Hình lặp lại");
    await untilText(page, ".space .row:nth-child(2)", "Kỳ Anh: mất kết nối");
    assert.match(await page.locator('[data-site="ky-anh"]').textContent(), /0\/22.*mất kết nối từ/);
    await shoot(page, "list-1920x1080");
    await page.locator(".alarm").click();
    await untilText(page, ".shown", "22/150");
    server.setSite("ky-anh", false);
    server.setFault(104, "none");
    await page.waitForFunction(() => document.querySelectorAll(".alarm").length === 0);
    await finish(page);
  });

  test("maintenance is ordered, shown and ended", async () => {
    const page = await enter("/health?lang=en");
    await page.locator("#orders summary").click();
    await page.locator("#orders [type=submit]").click();
    await untilText(page, "#orders form .problem", "Choose a camera");
    await page.locator("#orders [name=camera]").fill("121");
    await page.locator("#orders [name=until]").fill("2020-01-01T00:00");
    await page.locator("#orders [type=submit]").click();
    await untilText(page, "#orders form .problem", "must be after now");
    await page.locator("#orders .hours button").nth(1).click();
    await page.locator("#orders [name=reason]").fill("<b>new lens</b>");
    await page.locator("#orders [type=submit]").click();
    await untilText(page, ".orders", "<b>new lens</b>");
    await page.locator('.chip[data-state="maintenance"]').click();
    await untilText(page, ".shown", "1 of 150");
    await untilText(page, "#row-cam-021 .conditions", "until ");
    await page.locator(".orders .end").click();
    await untilText(page, ".shown", "0 of 150");
    await untilText(page, "#orders", "Nothing is in maintenance.");
    await finish(page);
  });

  test("a camera's page draws the ladder, says what stands and what to try", async () => {
    server.setFault(107, "defocused");
    const page = await enter("/health/cam-007");
    await untilText(page, "#state", "Cần kiểm tra");
    const steps = await page
      .locator(".ladder li")
      .evaluateAll((list) => list.map(({ dataset }) => [dataset.rung, dataset.step]).reverse());
    assert.equal(steps.length, 8);
    assert.deepEqual(steps[0], ["reachable", "holds"]);
    assert.deepEqual(steps[5], ["picture-right", "broken"]);
    const card = page.locator('[data-condition="defocused"]');
    assert.match(
      await card.textContent(),
      /Hình mờ.*Cần xem.*độ nét chỉ còn 21 %.*Nên làm gì tiếp/,
    );
    assert.equal(await card.locator(".steps li").count(), 3);
    server.setFault(107, "auth");
    await untilText(page, "#state", "Mất kết nối");
    assert.equal(await page.locator('[data-step="unknown"]').count(), 6);
    server.setFault(107, "none");
    await page.locator(".standing .none").waitFor();
    assert.equal(await page.locator('[data-step="broken"]').count(), 0);
    await finish(page);
  });

  test("figures are plotted over the hours that were chosen", async () => {
    const page = await enter("/health/cam-010?lang=en");
    await page.waitForFunction(() => document.querySelectorAll(".plot canvas").length === 8);
    await page.waitForFunction(() => /^\d/.test(document.querySelector(".readout").textContent));
    const inked = await page.locator(".plot canvas").evaluateAll((all) =>
      all.map((canvas) => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.some((value) => value > 0);
      }),
    );
    assert.deepEqual(inked, Array(8).fill(true));
    const asked = page.waitForRequest(/figures\?hours=24$/);
    await page.locator(".figures .hours button").nth(2).click();
    await asked;
    await page.locator(".u-over").first().hover();
    await page.waitForFunction(() => {
      const all = [...document.querySelectorAll(".readout")];
      return all.every(({ textContent }) => /\d\d:\d\d:\d\d$/.test(textContent));
    });
    await finish(page);
  });

  test("three pictures stand side by side, and the reference can be confirmed", async () => {
    server.setFault(108, "covered");
    const page = await enter("/health/cam-008");
    await page.waitForFunction(() => {
      const all = [...document.querySelectorAll(".frame img")];
      return all.length === 3 && all.every((image) => !image.hidden && image.naturalWidth > 0);
    });
    assert.match(await page.locator("#event option:checked").textContent(), /^Bị che/);
    await untilText(page, ".sight", "Đang học góc nhìn này");
    await untilText(page, ".sight", "chưa báo bị che");
    assert.deepEqual(await page.locator("#light option").allTextContents(), [
      "ban ngày",
      "ban đêm",
    ]);
    await page.selectOption("#light", "reference-night");
    await page.waitForFunction(() =>
      document.querySelector(".frame img").src.includes("/pictures/reference-night.jpg?at="),
    );
    const before = await page.locator(".frame img").nth(2).getAttribute("src");
    await page.waitForFunction(
      (src) => document.querySelectorAll(".frame img")[2].src !== src,
      before,
    );
    await page.locator(".buttons button").first().click();
    await untilText(page, ".buttons", "Đã gửi.");
    assert.deepEqual(server.health.references.at(-1), { camera: "cam-008", action: "confirm" });
    server.setFault(108, "none");
    await shoot(page, "camera-1920x1080");
    await finish(page);
  });

  test("history goes back as far as is asked, and can be taken away as a table", async () => {
    const page = await enter("/health/cam-020");
    await page.waitForFunction(() => document.querySelectorAll(".past-list li").length === 50);
    await page.locator("#more").click();
    await page.waitForFunction(() => document.querySelectorAll(".past-list li").length === 100);
    await page.locator("#more").click();
    await page.waitForFunction(() => document.querySelectorAll(".past-list li").length === 130);
    assert.equal(await page.locator("#more").isVisible(), false);
    for (const at of [".past > a", ".availability > a"]) {
      const href = await page.locator(at).getAttribute("href");
      const answer = await fetch(origin + href);
      assert.equal(answer.headers.get("content-type"), "text/csv");
    }
    await untilText(page, ".availability", "96.80 %");
    await finish(page);
  });

  test("a camera's own page takes it out of service and back", async () => {
    const page = await enter("/health/cam-030");
    await page.locator(".head summary").click();
    await page.locator(".head [name=reason]").fill("Thay nguồn");
    await page.locator(".head [type=submit]").click();
    await untilText(page, "#state", "Bảo trì");
    await untilText(page, ".notice", "Thay nguồn");
    await page.locator(".notice .end").click();
    await untilText(page, "#state", "Trực tiếp");
    await finish(page);
  });

  test("a camera that does not exist says so, and names stay text", async () => {
    const page = await enter("/health/nobody");
    await untilText(page, "main", "Không có camera “nobody”.");
    await finish(page);
    const { name } = server.list[40].view;
    server.list[40].view.name = '<img src="x" onerror="window.hurt=1">';
    const list = await enter("/health?q=onerror");
    await untilText(list, "#row-cam-041 .name", "<img src=");
    assert.equal(await list.evaluate(() => window.hurt), undefined);
    server.list[40].view.name = name;
    await finish(list);
  });

  test("on a phone, at 4K and in a light room everything is in sight", async () => {
    server.setFault(103, "moved");
    for (const [name, path, options] of [
      ["phone", "/health", PHONE],
      ["phone-camera", "/health/cam-003", PHONE],
      ["3840x2160", "/health", { width: 3840, height: 2160 }],
      ["camera-3840x2160", "/health/cam-003", { width: 3840, height: 2160 }],
      ["light", "/health?theme=light&lang=en", {}],
      ["camera-light", "/health/cam-003?theme=light&lang=en", {}],
    ]) {
      const page = await enter(path, options);
      await page.waitForFunction(() => document.querySelectorAll(".row, .ladder li").length > 7);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(overflow <= 0, `${name} is ${overflow} px too wide`);
      await page.waitForTimeout(600);
      await shoot(page, name);
      await finish(page);
    }
    server.setFault(103, "none");
  });

  test("a list of 1,000 cameras holds only the rows in sight and scrolls without stops", async () => {
    const many = await serve({ cameras: 1000 });
    const page = await open(browser, `http://127.0.0.1:${many.port}/health?sort=number`);
    await untilText(page, ".shown", "1000/1000");
    const slow = await page.evaluate(async () => {
      const list = document.getElementById("list");
      const gaps = [];
      let before = performance.now();
      for (let at = 0; at < list.scrollHeight; at += 700) {
        list.scrollTop = at;
        await new Promise(requestAnimationFrame);
        const now = performance.now();
        gaps.push(now - before);
        before = now;
      }
      list.scrollTop = list.scrollHeight;
      await new Promise((done) => setTimeout(done, 200));
      return { longest: Math.max(...gaps), median: gaps.sort((a, b) => a - b)[gaps.length >> 1] };
    });
    const { longest, median } = slow;
    console.log(`1,000 rows: a frame each ${median.toFixed(0)} ms, ${longest.toFixed(0)} at most`);
    assert.ok((await page.locator(".space .row").count()) < 80);
    await untilText(page, "#row-cam-1000 .number", "1100");
    await finish(page);
    await many.close();
  });

  test("the wall frames a suspect picture, names a site that is down, and counts both", async () => {
    for (const [number, kind] of [
      [102, "frozen"],
      [103, "black"],
      [104, "moved"],
      [105, "lossy"],
    ])
      server.setFault(number, kind);
    server.setSite("ky-anh", true);
    const until = (Date.now() + 3_600_000) * 1000;
    const body = JSON.stringify({ scope: "cam-006", until, reason: "Thay nguồn" });
    const { id } = await (
      await fetch(`${origin}/api/v1/maintenance`, { method: "POST", body })
    ).json();
    const page = await enter("/wall/main");
    await live(page, true, CAMERAS - 22);
    const framed = ({ marked, hatched }) => !marked && hatched > 0.1 && hatched < 0.6;
    for (const cell of [1, 2, 3]) await waitForTile(page, cell, framed);
    assert.ok((await tilePixels(page, 1)).contrast > 100, "the picture stays to be seen");
    await waitForTile(page, 0, ({ marked }) => marked);
    await untilText(page, "#suspect", "3 cần kiểm tra");
    await untilText(page, "#maintenance", "1 bảo trì");
    await untilText(page, "#sites", "1 địa điểm mất kết nối: Kỳ Anh");
    const said = JSON.parse(await page.locator("#wall").getAttribute("data-said"));
    assert.equal(said[0], "Kỳ Anh: mất kết nối");
    assert.deepEqual([said[1], said[2], said[3]], ["Hình đứng", "Hình đen", "Bị xoay lệch"]);
    assert.equal(said[4], "Mất gói tin");
    assert.match(said[5], /^Bảo trì đến \d\d/);
    await shoot(page, "wall-1920x1080");
    for (const number of [102, 103, 104, 105]) server.setFault(number, "none");
    server.setSite("ky-anh", false);
    await fetch(`${origin}/api/v1/maintenance/${id}`, { method: "DELETE" });
    await page.waitForFunction(() =>
      ["suspect", "maintenance", "sites"].every((one) => document.getElementById(one).hidden),
    );
    await waitForTile(page, 1, ({ hatched }) => hatched < 0.1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.locator("#large-health").click();
    await page.waitForURL("**/health/cam-001");
    await finish(page);
  });

  test("a page that hears nothing says that it does not show the present", async () => {
    const page = await enter("/health");
    await untilText(page, "#life", "Trực tiếp");
    const { port } = server;
    await server.close();
    await live(page, false, 0, PATIENCE_MS);
    assert.match(await page.locator("#banner").textContent(), /MẤT LIÊN LẠC MÁY CHỦ/);
    server = await serve({ cameras: CAMERAS, port, firstHandle: 500 });
    await live(page, true, 0, 20_000);
    assert.equal(await page.locator("#banner").isVisible(), false);
    await finish(page);
  });

  const chip = (page, state) => page.locator(`.chip[data-state="${state}"] b`).textContent();

  /** No script failed, the content policy held, and nothing was asked of another origin. */
  async function finish(page) {
    assert.deepEqual(page.faults, []);
    assert.deepEqual(page.elsewhere, []);
    await page.context().close();
  }
});
