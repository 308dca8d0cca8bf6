// What every page owes to everybody, in a real browser: WCAG 2.2 AA as far as axe-core can tell,
// nothing asked of another origin, and what people and cameras are called is text and nothing else.
import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { DIST, serve } from "../dev/serve.mjs";
import { chromiumPath, launch, live, open } from "./chromium.mjs";

const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;
/** Nobody waits longer than this for anything here. */
const PATIENCE_MS = 60_000;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Every page by its file, each with something to see: what to open, and what to wait for. */
const PAGES = {
  wall: [["/wall/main", "#wall"]],
  health: [
    ["/health", ".space .row:not([hidden])"],
    ["/health/cam-007", ".standing article"],
  ],
  duty: [["/duty", ".item", PHONE]],
  alerts: [
    ["/alerts", ".items .item"],
    ["/alerts/shelf", "tbody tr"],
    ["/alerts/figures", ".plot canvas"],
    ["/alerts/deliveries", "tbody tr"],
    ["/alerts/handover", ".signature"],
    ["/alerts/drill", ".drill-form"],
    ["/alerts/records", "tbody tr"],
  ],
  console: [["/console", ".line:not([hidden])"]],
  "sign-in": [["/sign-in", "form"]],
};

describe("every page", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;
  let origin;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    browser = await launch();
    server = await serve({ cameras: 150 });
    origin = `http://127.0.0.1:${server.port}`;
    const { alerts } = server;
    server.setFault(107, "covered");
    server.setFault(121, "defocused");
    server.setFault(133, "auth");
    alerts.raise(107, "covered");
    alerts.raise(121, "defocused", { drill: true });
    alerts.raise(140, "clock-skew");
    const lan = { by: { user: "anonymous", person: "lan" }, at: Date.now() * 1000 };
    const { id } = alerts.raise(133, "unstable");
    const until = (Date.now() + 3_600_000) * 1000;
    alerts.set(id, { state: "shelved", shelved: { until, reason: "thay nguồn", ...lan } });
    alerts.set(alerts.raise(114, "black").id, { state: "acknowledged", acknowledged: lan });
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  const enter = async (path, ready, options = {}) => {
    const page = await open(browser, `${origin}${path}`, {
      script: 'localStorage.setItem("watchwall.person", "lan")',
      ...options,
    });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.locator(ready).first().waitFor();
    return page;
  };
  /** Nothing that axe finds, and nothing but our own origin. */
  const inspect = async (page, name) => {
    // As the browser's own tools do it: the content policy holds for the page, not for them.
    await page.evaluate(axe.source);
    const found = await page.evaluate(
      (values) => window.axe.run(document, { runOnly: { type: "tag", values } }),
      TAGS,
    );
    assert.ok(found.passes.length > 5, `${name}: axe looked at the page`);
    return found.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, any }) => {
        const why = any.map(({ message }) => message).join("; ");
        return `${name}: ${id} (${help}): ${html.slice(0, 160)} – ${why.slice(0, 220)}`;
      }),
    );
  };

  test("is in the list of pages that are looked at here", async () => {
    const built = (await readdir(DIST)).filter((file) => file.endsWith(".html"));
    for (const file of built) assert.ok(file.replace(".html", "") in PAGES, file);
  });

  for (const [file, pages] of Object.entries(PAGES)) {
    for (const [path, ready, options] of pages) {
      test(`${path} is fit for everybody, dark and light, and asks nobody else`, async (t) => {
        const built = await readdir(DIST);
        if (!built.includes(`${file}.html`)) return t.skip("not built yet");
        const problems = [];
        for (const theme of ["dark", "light"]) {
          const page = await enter(`${path}?theme=${theme}`, ready, options);
          problems.push(...(await inspect(page, `${path} ${theme}`)));
          for (const [what, act] of DEEPER[path] ?? []) {
            await act(page);
            problems.push(...(await inspect(page, `${path} ${theme}, ${what}`)));
          }
          assert.deepEqual(page.faults, []);
          assert.deepEqual(page.elsewhere, []);
          await page.context().close();
        }
        assert.deepEqual(problems, []);
      });
    }
  }

  test("moves nothing by itself where somebody asked for that", async () => {
    for (const [path, ready, options] of Object.values(PAGES).flat()) {
      if (path === "/sign-in") continue;
      const page = await enter(path, ready, { ...options, reducedMotion: "reduce" });
      const moving = await page.evaluate(() =>
        document
          .getAnimations()
          .filter(({ playState }) => playState === "running")
          .map(({ effect }) => effect?.target?.outerHTML),
      );
      assert.deepEqual(moving, [], path);
      await page.context().close();
    }
  });
});

/** What else there is to see of a page: forms, what is open beside a list. */
const DEEPER = {
  "/health": [["an order", (page) => page.locator("#orders summary").click()]],
  "/duty": [
    ["an alert", (page) => page.locator(".item").first().click()],
    ["a form", (page) => page.locator('[data-act="resolve"]').click()],
  ],
  "/alerts": [
    ["an alert", (page) => page.locator(".items .item").first().click()],
    ["a form", (page) => page.locator('[data-act="shelve"]').click()],
  ],
  "/console": [
    [
      "an alert",
      async (page) => {
        await page.locator(".alert-lines").focus();
        await page.keyboard.press("Home");
        await page.locator("#alerts .procedure li").first().waitFor();
      },
    ],
    ["a form", (page) => page.keyboard.press("r")],
  ],
  "/wall/main": [["large", (page) => page.locator("#wall").press("Enter")]],
};
