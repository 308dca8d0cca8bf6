// What every page owes to everybody, in a real browser: WCAG 2.2 AA as far as axe-core can tell,
// nothing asked of another origin, and what people and cameras are called is text and nothing else.
import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { DIST, serve } from "../dev/serve.mjs";
import { textsOf } from "./catalogues.mjs";
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
  admin: [["/admin", "#tabs a"]],
  replay: [["/wall/main/history", ".changes li"]],
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
    await fetch(`${origin}/api/v1/walls/main/commands`, {
      method: "POST",
      body: JSON.stringify({ command: "show", camera: "cam-015", screen: "all", cell: 0 }),
    });
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

  /** Words of the other language that stand on a page: text that was not taken from the catalogue. */
  const strangers = async (page, language) => {
    const other = await textsOf(language === "en" ? "vi" : "en");
    for (const text of await textsOf(language)) other.delete(text);
    const said = await page.evaluate(() => {
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      const texts = [];
      while (walk.nextNode()) texts.push(walk.currentNode.data);
      for (const one of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]"))
        for (const name of ["aria-label", "placeholder", "title", "alt"])
          texts.push(one.getAttribute(name) ?? "");
      return texts;
    });
    return said.map((text) => text.trim()).filter((text) => other.has(text));
  };

  test("is in the list of pages that are looked at here", async () => {
    const built = (await readdir(DIST)).filter((file) => file.endsWith(".html"));
    for (const file of built) assert.ok(file.replace(".html", "") in PAGES, file);
  });

  test("would be found at fault if it were", async () => {
    const page = await enter("/health", ".space .row:not([hidden])");
    await page.evaluate(() => {
      const picture = document.createElement("img");
      picture.src = "/assets/icon.svg";
      const faint = document.createElement("p");
      faint.textContent = "faint";
      faint.setAttribute("class", "planted");
      faint.style.color = "#1a2028";
      document.querySelector("header").append(picture);
      document.body.prepend(faint);
    });
    const found = (await inspect(page, "planted")).join();
    assert.match(found, /image-alt/);
    assert.match(found, /color-contrast.*planted/);
    await page.context().close();
  });

  for (const [file, pages] of Object.entries(PAGES)) {
    for (const [path, ready, options] of pages) {
      test(`${path} is fit for everybody, dark and light, in both languages, and asks nobody else`, async (t) => {
        const built = await readdir(DIST);
        if (!built.includes(`${file}.html`)) return t.skip("not built yet");
        const problems = [];
        for (const [theme, language] of [
          ["dark", "vi"],
          ["light", "en"],
        ]) {
          const page = await enter(`${path}?theme=${theme}&lang=${language}`, ready, options);
          problems.push(...(await inspect(page, `${path} ${theme}`)));
          assert.equal(await page.locator("html").getAttribute("lang"), language);
          for (const [what, act] of DEEPER[path] ?? []) {
            await act(page);
            problems.push(...(await inspect(page, `${path} ${theme}, ${what}`)));
          }
          assert.deepEqual(await strangers(page, language), [], `${path} in ${language}`);
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

describe("what comes from outside", {
  skip: chromiumPath === undefined && "no Chromium is installed",
}, () => {
  let browser;
  let server;
  let origin;
  const alertIds = [];

  before(async () => {
    browser = await launch();
    server = await serve({ cameras: 30 });
    origin = `http://127.0.0.1:${server.port}`;
    const { alerts } = server;
    for (const [n, text] of PAYLOADS.entries()) {
      server.list[n].view.name = `${text} ${n}`;
      server.setFault(101 + n, "covered");
      const since = (Date.now() - 60_000 + n) * 1000;
      const { id } = alerts.raise(101 + n, n === 14 ? text : "covered", { since });
      alertIds.push(id);
      const by = { by: { user: text, person: `p${n}` }, at: since };
      const where = { number: 101 + n, name: text, site: text };
      alerts.set(id, { evidence: text, where, state: "acknowledged", acknowledged: by });
      const url = new URL(`/api/v1/alerts/${id}/comment`, origin);
      alerts.answer("POST", url, JSON.stringify({ request: `c${n}`, text }), "lan");
    }
  });
  after(async () => {
    await browser?.close();
    await server?.close();
  });

  /** A page whose roster is as bad as everything else; notes what must not happen. */
  const enter = async (path) => {
    const page = await open(browser, "about:blank", {
      script: `if (location.host) localStorage.setItem("watchwall.person", "lan");
        addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
          (window.reports ??= []).push(violatedDirective);
        });`,
    });
    page.setDefaultTimeout(PATIENCE_MS);
    page.dialogs = [];
    page.on("dialog", (dialog) => {
      page.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.route("**/api/v1/roster", async (route) => {
      const answer = await route.fetch();
      const roster = await answer.json();
      const people = PAYLOADS.map((name, n) => ({ id: `p${n}`, name: `${name} P${n}` }));
      await route.fulfill({ json: { ...roster, people: [...roster.people, ...people] } });
    });
    await page.goto(`${origin}${path}`);
    return page;
  };
  /** Waits until all of these stand there as text. */
  const says = (page, selector, texts) =>
    page.waitForFunction(
      ([at, wanted]) => {
        const plain = (text) => text.replace(/\s+/g, " ").trim();
        const said = plain(
          [...document.querySelectorAll(at)].map((one) => one.textContent).join(" "),
        );
        window.missing = wanted.filter((text) => !said.includes(plain(text)));
        return window.missing.length === 0;
      },
      [selector, texts],
    );
  const finish = async (page) => {
    const harm = await page.evaluate(() => ({
      ran: window.hurt,
      reports: window.reports,
      made: [
        ...document.querySelectorAll("body script, iframe, svg [onload], [onerror], base, object"),
      ].map((one) => one.outerHTML),
    }));
    assert.deepEqual(harm, { ran: undefined, reports: undefined, made: [] });
    assert.deepEqual(page.dialogs, []);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  };

  test("there are fifteen of them, and each is shown as it is or with spaces for what is no letter", () => {
    assert.equal(new Set(PAYLOADS).size, 15);
    assert.ok(PAYLOADS.filter((text) => text !== shown(text)).length >= 5);
  });

  test("is text in the lists of cameras and on a camera's page", async () => {
    const page = await enter("/health?sort=number");
    await says(
      page,
      ".row .name",
      PAYLOADS.map((text, n) => shown(`${text} ${n}`)),
    );
    for (const n of [0, 4, 9]) {
      await page.goto(`${origin}/health/${server.list[n].view.id}`);
      await says(page, "h2", [shown(`${PAYLOADS[n]} ${n}`)]);
    }
    await finish(page);
    const wall = await enter("/wall/main");
    await live(wall, true, 0, PATIENCE_MS);
    await wall.locator("#wall").press("Enter");
    await wall.waitForTimeout(500);
    await finish(wall);
  });

  test("is text in the lists of alerts, in each alert, and in what people wrote", async () => {
    const page = await enter("/alerts");
    await says(
      page,
      ".item .place",
      PAYLOADS.map((text, n) => shown(`${text} ${n}`)),
    );
    await says(
      page,
      ".item .state",
      PAYLOADS.map((text, n) => shown(`${text} P${n}`)),
    );
    for (const [n, id] of alertIds.entries()) {
      await page.locator(`.item[data-alert="${id}"]`).click();
      await says(page, ".alert-view .evidence", [shown(PAYLOADS[n])]);
      await says(page, ".alert-view .story", [shown(PAYLOADS[n])]);
    }
    await page.goto(`${origin}/alerts/handover`);
    await says(
      page,
      ".sheet",
      PAYLOADS.map((text, n) => shown(`${text} ${n}`)),
    );
    await finish(page);
    const duty = await enter("/duty");
    await duty.locator(".tabs button").nth(1).click();
    await says(
      duty,
      ".item .state",
      PAYLOADS.map((text, n) => shown(`${text} P${n}`)),
    );
    await finish(duty);
  });

  test("is text at the console: cameras, alerts, people to give them to", async () => {
    const page = await enter("/console");
    await counted(page, 15);
    await page.locator(".alert-lines").focus();
    await page.keyboard.press("Home");
    for (const text of PAYLOADS.map(shown)) {
      await says(page, "#alerts .alert-view .evidence", [text]);
      await says(page, "#alerts .alert-view .story", [text]);
      await page.keyboard.press("j");
    }
    await page.keyboard.press("s");
    await says(
      page,
      "#alerts form",
      PAYLOADS.map((text, n) => shown(`${text} P${n}`)),
    );
    await finish(page);
  });
});

const counted = (page, n) =>
  page.waitForFunction(
    (wanted) => document.querySelector('[data-tab="open"] b')?.textContent === wanted,
    String(n),
  );

/** Texts that want to be more than text. */
const PAYLOADS = [
  "<script>window.hurt=1;alert(1)</script>",
  '<img src=x onerror="window.hurt=1">',
  '"><svg onload=alert(1)>',
  "' autofocus onfocus=alert(1) x='",
  "<iframe srcdoc='<script>parent.hurt=1</script>'></iframe>",
  "javascript:alert(1)",
  "</title></style></textarea><script>alert(1)</script>",
  "{{constructor.constructor('alert(1)')()}} \u0024{alert(1)}",
  "\u001b[31mred\u001b[0m\u001b]0;title\u0007",
  "nul\u0000byte\u0008back",
  "\u202eright to left\u202c \u2066apart\u2069",
  "line\r\nbreak\ttab\u0085next",
  "&lt;b&gt;&amp;&#x3c;script&#x3e;",
  "<base href='//evil.example/'><link rel=stylesheet href='//evil.example/x.css'>",
  "%3Cscript%3Ealert(1)%3C/script%3E\u009b31m",
];

/** As a page shows it: without control characters and marks that turn the direction. */
function shown(text) {
  let said = "";
  for (const letter of text) {
    const code = letter.codePointAt(0);
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    const turning = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    said += control || turning ? " " : letter;
  }
  return said.trim();
}

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
