// The duty officer's page and the alert desk in a real browser against the stand-in service, over a
// link of 32 kbit/s where it matters.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { DIST, serve } from "../dev/serve.mjs";
import { chromiumPath, launch, live, open } from "./chromium.mjs";
import { SlowLink } from "./slow.mjs";

const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;
const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
/** Nobody waits longer than this for anything here; 32 kbit/s are 4 KB a second. */
const PATIENCE_MS = 30_000;
/** What issue 5 asks for. */
const FIRST_USE_MAX = 100_000;
const SHOWN_WITHIN_MS = 5000;

test("the duty page is under 100 KB to its first use", async () => {
  const files = ["duty.html", "duty.js", "duty.css", "duty.webmanifest", "duty-worker.js"];
  files.push("icon.svg", "icon-192.png");
  const sizes = await Promise.all(
    files.map(async (file) => gzipSync(await readFile(DIST + file)).length),
  );
  const total = sizes.reduce((sum, one) => sum + one, 0);
  console.log(`first use: ${total} bytes in ${files.length} files`);
  // The page, and what it asks for before the first alert: the list and the roster.
  assert.ok(total < FIRST_USE_MAX - 30_000, `${total}`);
});

describe("the duty page", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;
  let origin;
  let link = null;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    browser = await launch();
  });
  after(() => browser?.close());

  beforeEach(async () => {
    server = await serve({ cameras: 150 });
    origin = `http://127.0.0.1:${server.port}`;
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await link?.close();
    link = null;
    await server.close();
  });
  const enter = async (path, options) => {
    const page = await open(browser, `${origin}${path}`, options);
    page.setDefaultTimeout(PATIENCE_MS);
    return page;
  };
  const asPerson = (person) => ({
    script: `localStorage.setItem("watchwall.person", "${person}")`,
  });
  const finish = async (page) => {
    assert.deepEqual(page.faults, []);
    assert.deepEqual(page.elsewhere, []);
    await page.context().close();
  };
  const shoot = (page, name) => page.screenshot({ path: `${ARTIFACTS}${name}.png` });
  const item = (page, id) => page.locator(`.item[data-alert="${id}"]`);

  test("over 32 kbit/s an alert is shown within 5 s, taken offline, and delivered once", async () => {
    link = await SlowLink.start();
    const { alerts } = server;
    const page = await enter("/duty", { ...PHONE, ...asPerson("lan"), proxy: link.proxy });
    await live(page, true);
    await page.waitForFunction(() => document.getElementById("life").dataset.feed === "live");
    console.log(`to the first use: ${link.bytesDown} bytes`);
    assert.ok(link.bytesDown < FIRST_USE_MAX);
    // The shell is kept now, so the page will open without a network.
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

    const began = performance.now();
    const { id } = alerts.raise(107, "covered");
    await item(page, id).waitFor();
    const shownMs = performance.now() - began;
    console.log(`shown after ${shownMs.toFixed(0)} ms`);
    assert.ok(shownMs <= SHOWN_WITHIN_MS, `${shownMs} ms`);
    await until(() => alerts.received.get("lan") === alerts.seq);

    await item(page, id).click();
    await page.locator(".procedure li").first().waitFor();
    await until(() => alerts.acts.some(({ act }) => act === "read"));

    link.cut();
    await page.context().setOffline(true);
    await page.locator('[data-act="acknowledge"]').click();
    await page.locator('[data-act="comment"]').click();
    await page.locator("textarea").fill("Đang tới nơi");
    await page.locator("form .main").click();
    const queued = page.locator(".alert-view .queued li");
    await queued.nth(1).waitFor();
    assert.deepEqual(
      (await queued.allTextContents()).map((text) => text.split(" lúc ")[0]),
      ["Đã xếp hàng, chưa gửi: Nhận xử lý", "Đã xếp hàng, chưa gửi: Ghi chú"],
    );
    await shoot(page, "duty-queued");
    // Even a reload without a network shows the alert and what waits.
    await page.reload();
    await page.locator(".alert-view .queued li").first().waitFor();
    assert.equal(await page.locator("h2").textContent(), "Bị che");
    await page.locator("#back").click();
    assert.match(await item(page, id).textContent(), /Đã xếp hàng, chưa gửi/);
    await item(page, id).click();
    assert.ok((await page.locator(".procedure li").count()) > 0);
    assert.equal(alerts.acts.filter(({ act }) => act !== "read").length, 0);

    link.mend();
    await page.context().setOffline(false);
    await until(() => alerts.acts.some(({ act }) => act === "comment"));
    await page.waitForFunction(() => document.querySelectorAll(".queued li").length === 0);
    await page.waitForFunction(
      () => document.querySelector(".alert-view")?.dataset.state === "acknowledged",
    );
    const done = alerts.acts.filter(({ act }) => act !== "read");
    assert.deepEqual(new Set(done.map(({ act }) => act)), new Set(["acknowledge", "comment"]));
    const changes = alerts.changesOf(id).filter(({ what }) => what === "done");
    assert.deepEqual(
      changes.map(({ detail }) => detail.act),
      ["read", "acknowledge", "comment"],
    );
    assert.equal(await page.locator("body").getAttribute("data-holes"), "0");
  });

  test("an act whose answer was lost is sent again, and done once", async () => {
    const { alerts } = server;
    const { id } = alerts.raise(107, "moved");
    const page = await enter("/duty", { ...PHONE, ...asPerson("lan") });
    // The service does it, and its answer goes astray twice.
    let lost = 0;
    await page.route("**/acknowledge", async (route) => {
      if (lost >= 2) return route.continue();
      lost += 1;
      await route.fetch();
      return route.abort();
    });
    await item(page, id).click();
    await page.locator('[data-act="acknowledge"]').click();
    await page.locator('.queued li[data-state="waiting"]').first().waitFor();
    await page.waitForFunction(() => document.querySelectorAll(".queued li").length === 0);
    const sent = alerts.acts.filter(({ act }) => act === "acknowledge");
    assert.equal(sent.length, 3);
    assert.equal(new Set(sent.map(({ request }) => request)).size, 1);
    const done = alerts.changesOf(id).filter(({ detail }) => detail?.act === "acknowledge");
    assert.equal(done.length, 1);
  });

  test("it asks who one is, shows one's own alerts, and says what was refused", async () => {
    const { alerts } = server;
    const mine = alerts.raise(107, "black");
    const other = alerts.raise(101, "frozen");
    const page = await enter("/duty", PHONE);
    await page.locator('[data-person="lan"]').click();
    await item(page, mine.id).waitFor();
    assert.equal(await item(page, other.id).count(), 0);
    assert.match(await page.locator("#who").textContent(), /Nguyễn Thị Lan/);
    await page.locator(".tabs button").nth(1).click();
    await item(page, other.id).click();
    // Somebody else is quicker.
    const by = { user: "anonymous", person: "minh" };
    await page.route("**/acknowledge", async (route) => {
      const taken = { state: "acknowledged", acknowledged: { by, at: Date.now() * 1000 } };
      alerts.set(other.id, taken, "updated");
      await route.continue();
    });
    await page.locator('[data-act="acknowledge"]').click();
    const refused = page.locator('.alert-view .queued li[data-state="refused"]');
    await refused.waitFor();
    assert.match(await refused.textContent(), /máy chủ không nhận.*minh has taken it/);
    await refused.locator("button").click();
    await page.waitForFunction(() => document.querySelectorAll(".queued li").length === 0);
  });

  test("it rings for a high alert until it is touched, and marks a drill", async () => {
    const page = await enter("/duty", { ...PHONE, ...asPerson("lan") });
    await live(page, true);
    server.alerts.raise(107, "covered", { drill: true });
    await page.waitForFunction(() => document.body.dataset.ringing === "true");
    assert.match(await page.locator(".item .drill").textContent(), /DIỄN TẬP \/ DRILL/);
    await shoot(page, "duty-ringing");
    await page.locator("#title").tap();
    await page.waitForFunction(() => document.body.dataset.ringing === "false");
    await finish(page);
  });

  test("every page says within 5 s that alerts are not stored", async () => {
    const pages = [];
    for (const path of ["/duty", "/alerts", "/health", "/wall/main"]) {
      pages.push(await enter(path));
      await live(pages.at(-1), true);
    }
    const began = performance.now();
    server.alerts.storage("failing", 3, "disk full");
    for (const page of pages) {
      await page.locator("#storage").waitFor({ timeout: SHOWN_WITHIN_MS });
      assert.match(await page.locator("#storage").textContent(), /CHƯA ĐƯỢC LƯU.*disk full/);
    }
    assert.ok(performance.now() - began < SHOWN_WITHIN_MS);
    server.alerts.storage("spooling", 41, null);
    for (const page of pages) {
      await page.waitForFunction(() =>
        document.getElementById("storage").textContent.includes("41 chờ ghi lại"),
      );
    }
    server.alerts.storage("ok");
    for (const page of pages) await page.locator("#storage").waitFor({ state: "hidden" });
    for (const page of pages) await finish(page);
  });

  test("what one touches is large enough for a thumb", async () => {
    const { id } = server.alerts.raise(107, "covered");
    const page = await enter("/duty", { ...PHONE, ...asPerson("lan") });
    await item(page, id).click();
    await page.locator('[data-act="resolve"]').click();
    const small = await page.evaluate(() =>
      [...document.querySelectorAll("button, a, select, input:not([type=radio]), fieldset label")]
        .filter((one) => one.offsetParent !== null && one.getBoundingClientRect().height < 43.9)
        .map((one) => one.outerHTML),
    );
    assert.deepEqual(small, []);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= PHONE.width, `${wide} wide`);
    await finish(page);
  });

  test("the desk lists, filters, groups a flood and loses none of 500", async () => {
    const { alerts } = server;
    const kinds = ["covered", "black", "unstable", "clock-skew"];
    for (let n = 0; n < 500; n += 1) {
      alerts.raise(101 + (n % 150), kinds[Math.floor(n / 150)]);
    }
    const page = await enter("/alerts?lang=en", asPerson("lan"));
    await live(page, true);
    const counted = (n) =>
      page.waitForFunction(
        (wanted) => document.querySelector('[data-view="open"] b').textContent === wanted,
        String(n),
      );
    await counted(500);
    assert.equal(await page.locator(".items .item").count(), 500);
    await page.locator("#search").fill("ky anh covered");
    await counted(22);
    await page.locator("#search").fill("");
    await page.locator("#priority").selectOption("high");
    await counted(150);
    await page.locator("#priority").selectOption("");
    alerts.flood("bac", 40);
    await page.locator(".group summary").first().waitFor();
    const grouped = await page.locator(".items .item").count();
    assert.equal(grouped, 500, "every alert is in a group or stands alone");
    await shoot(page, "desk-flood");
    alerts.flood("bac", 0);
    await page.waitForFunction(() => document.querySelectorAll(".group").length === 0);
    const { id } = alerts.raise(101, "panic-button", { momentary: true });
    await counted(501);
    await item(page, id).click();
    await page.locator(".alert-view .procedure li").first().waitFor();
    await page.locator('[data-act="shelve"]').click();
    await page.locator(".act-form textarea").fill("road works");
    await page.locator(".act-form .main").click();
    await counted(500);
    await page.locator('#tabs a[href*="shelf"]').click();
    await page.locator("table").waitFor();
    assert.match(await page.locator("tbody tr").textContent(), /Panic button.*road works/);
    await shoot(page, "desk-shelf");
    await finish(page);
  });

  test("the desk's other tabs show figures, deliveries, hand-over, drills and records", async () => {
    const { alerts } = server;
    alerts.raise(107, "covered");
    const page = await enter("/alerts/figures?lang=en&theme=light", asPerson("lan"));
    await page.locator(".plot canvas").waitFor();
    assert.match(await page.locator(".tile").last().textContent(), /BEYOND the yardstick 5 \/ 15/);
    assert.match(await page.locator("a[download]").getAttribute("href"), /format=csv/);
    await shoot(page, "desk-figures");
    await page.goto(`${origin}/alerts/deliveries`);
    await page.locator("tbody button").first().click();
    await page.locator('[data-state="waiting"]').click();
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 1);
    await page.goto(`${origin}/alerts/handover`);
    await page.locator(".note textarea").fill("Camera 105 đang thay nguồn");
    await page.locator(".note button").click();
    await page.locator(".signature button").first().click();
    await page.waitForFunction(() => document.querySelectorAll(".signature button").length === 1);
    assert.match(await page.locator(".sheet").textContent(), /Camera 105 đang thay nguồn/);
    assert.match(await page.locator(".signature").first().textContent(), /Nguyễn Thị Lan/);
    await page.emulateMedia({ media: "print" });
    await shoot(page, "desk-handover-print");
    await page.emulateMedia({ media: "screen" });
    await page.goto(`${origin}/alerts/drill`);
    await live(page, true);
    await page.locator("[name=cameras]").fill("101-103, 9999");
    await page.locator(".drill-form .main").click();
    assert.match(await page.locator(".problem").textContent(), /9999/);
    await page.locator("[name=cameras]").fill("101-103");
    await page.locator("[name=count]").fill("3");
    await page.locator(".drill-form .main").click();
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length >= 5);
    await page.goto(`${origin}/alerts/records?q=38A`);
    await page.waitForFunction(() => document.querySelectorAll("tbody tr").length === 75);
    await finish(page);
  });

  test("what nobody took although everyone was told stands on the wall", async () => {
    const { alerts } = server;
    const wall = await enter("/wall/main");
    await live(wall, true);
    const { id } = alerts.raise(107, "black");
    alerts.set(id, { stage: { step: 4, at: 1, due: 2, told: ["lan"], everyone: true } });
    await wall.locator("#called").waitFor();
    assert.match(await wall.locator("#called").textContent(), /KHÔNG AI NHẬN.*Hình đen – 107/);
    await shoot(wall, "wall-called");
    const by = { by: { user: "anonymous", person: "lan" }, at: Date.now() * 1000 };
    alerts.set(id, { state: "acknowledged", acknowledged: by });
    await wall.locator("#called").waitFor({ state: "hidden" });
    assert.equal(alerts.received.size, 0, "a wall confirms nothing");
    await finish(wall);
  });
});

async function until(holds, timeout = PATIENCE_MS) {
  const last = performance.now() + timeout;
  while (!(await holds())) {
    if (performance.now() > last) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
