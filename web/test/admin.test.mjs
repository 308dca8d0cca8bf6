// The administrators' pages on the real service, with sign-in: accounts and their sessions, tokens,
// sheets of cameras and of the roster, a camera tried from its form. By keyboard, fit for everybody,
// and no secret comes out anywhere.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { textsOf } from "./catalogues.mjs";
import { chromiumPath, launch, open } from "./chromium.mjs";
import { binary } from "./demo.mjs";
import { CAMERA_PASSWORD, CAMERA_USER, Office } from "./office.mjs";

const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;
const PATIENCE_MS = 60_000;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const PHONE = { width: 390, height: 844, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
const TABS = [
  ...["camera", "site", "wall", "alert", "health", "order", "picture", "position", "person"],
  ...["shift", "roster", "user", "token", "history"],
];
/** What nothing may ever tell. */
const SECRETS = {
  admin: "nhãn chôm bưởi da xanh",
  lan: "trời mưa ở kỳ anh",
  another: "ổi mận xoài mít cam",
  camera: CAMERA_PASSWORD,
  wrong: "wrong-canary-of-a-form",
};

describe("the administrators' pages", {
  skip:
    (chromiumPath === undefined && "no Chromium is installed") ||
    (binary === undefined && "no watchwall was built"),
}, () => {
  let office;
  let browser;
  let page;
  let token;

  before(async () => {
    await mkdir(ARTIFACTS, { recursive: true });
    office = await Office.open();
    browser = await launch();
  });
  after(async () => {
    await browser?.close();
    await office?.close();
  });

  const go = async (path, ready, from = page) => {
    await from.goto(`${office.origin}${path}`);
    await from.locator(ready).first().waitFor();
  };
  const enter = async (options = {}) => {
    const fresh = await open(browser, `${office.origin}/sign-in?next=/admin/user`, options);
    fresh.setDefaultTimeout(PATIENCE_MS);
    return fresh;
  };
  const signIn = async (where, name, password) => {
    await where.locator("#username").fill(name);
    await where.locator("#password").fill(password);
    await where.keyboard.press("Enter");
  };
  /** What the service answers the page's own session. */
  const get = (path, from = page) =>
    from.evaluate(async (asked) => {
      const answer = await fetch(`/api/v1/${asked}`);
      return { status: answer.status, text: await answer.text() };
    }, path);
  const user = async (name) =>
    JSON.parse((await get("users")).text).find((one) => one.name === name);
  const says = (text, from = page) =>
    from.waitForFunction(
      (wanted) => document.querySelector(".told")?.textContent.includes(wanted),
      text,
    );
  const line = (title, from = page) =>
    from
      .locator(".entries button")
      .filter({ has: from.locator("span", { hasText: title }) })
      .first();
  /** Goes there as a person without a mouse does. */
  const tabTo = async (selector, from = page) => {
    for (let presses = 0; presses < 150; presses += 1) {
      const there = await from.evaluate(
        (wanted) => document.activeElement?.matches(wanted) ?? false,
        selector,
      );
      if (there) return;
      await from.keyboard.press("Tab");
    }
    throw new Error(`the keyboard does not lead to ${selector}`);
  };

  test("the first sign-in leads to the accounts once it has a password of its own", async () => {
    page = await enter();
    await signIn(page, office.first.name, office.first.password);
    await page.locator("#new-password").fill(SECRETS.admin);
    await page.locator("#again").fill(SECRETS.admin);
    await page.keyboard.press("Enter");
    await line(office.first.name).waitFor();
  });

  test("an account for one site is made by keyboard, sees that site alone, and is ended", async () => {
    await go("/admin/user?lang=en", ".entries button");
    await tabTo(".tools button");
    await page.keyboard.press("Enter");
    // The form has the keyboard already.
    await page.keyboard.type("lan");
    await page.keyboard.press("Tab");
    await page.keyboard.type(SECRETS.lan);
    await page.keyboard.press("Tab");
    await page.keyboard.type("Lan");
    await tabTo(".grant select[multiple]");
    await page.keyboard.press("Home");
    await tabTo(".entry button[type=submit]");
    await page.keyboard.press("Enter");
    await says("Done.");
    const { grants, person, must_change } = await user("lan");
    assert.deepEqual(grants, [{ role: "duty", sites: ["yard"] }]);
    assert.deepEqual([person, must_change], ["lan", true]);
    await page.screenshot({ path: `${ARTIFACTS}admin-user-1920x1080.png` });

    const lan = await enter();
    await signIn(lan, "lan", SECRETS.lan);
    await lan.locator("#new-password").fill(SECRETS.another);
    await lan.locator("#again").fill(SECRETS.another);
    await lan.keyboard.press("Enter");
    await lan.waitForURL(({ pathname }) => pathname === "/admin/user");
    const cameras = JSON.parse((await get("cameras", lan)).text);
    assert.deepEqual(
      cameras.map(({ id }) => id),
      ["yard-01"],
    );
    assert.equal((await get("users", lan)).status, 403);

    await go("/admin/user?lang=en", ".entries button");
    await line("lan").click();
    await page.locator(".sessions button").first().click();
    await says("Done.");
    await page.waitForFunction(() => document.querySelectorAll(".sessions li").length === 0);
    assert.equal((await get("session", lan)).status, 401);
    await lan.context().close();
  });

  test("a locked account is let in again, one that is disabled is not until it is enabled", async () => {
    const attempt = (password) =>
      page.evaluate(
        async (body) => {
          const headers = { "content-type": "application/json" };
          const init = { method: "POST", headers, body, credentials: "omit" };
          return (await fetch("/api/v1/session", init)).status;
        },
        JSON.stringify({ username: "lan", password }),
      );
    for (let n = 0; n < 5; n += 1) assert.equal(await attempt(SECRETS.wrong), 401);
    assert.equal(await attempt(SECRETS.another), 401, "locked");
    await go("/admin/user?lang=en", ".entries button");
    await line("lan").click();
    await page.getByRole("button", { name: "Unlock", exact: true }).click();
    await says("Done.");
    assert.equal(await attempt(SECRETS.another), 200);

    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await page.getByRole("button", { name: "Really disable", exact: true }).click();
    await page.getByRole("button", { name: "Enable", exact: true }).waitFor();
    assert.equal(await attempt(SECRETS.another), 401);
    await page.getByRole("button", { name: "Enable", exact: true }).click();
    await page.getByRole("button", { name: "Disable", exact: true }).waitFor();
    await page.locator('.beside input[type="password"]').fill(SECRETS.lan);
    await page.keyboard.press("Enter");
    await until(async () => (await user("lan")).must_change);
    assert.equal(await page.locator('.beside input[type="password"]').inputValue(), "");
    // The last administrator cannot lock everybody out, and is told why.
    await line(office.first.name).click();
    await page.getByRole("button", { name: "Disable", exact: true }).click();
    await page.getByRole("button", { name: "Really disable", exact: true }).click();
    await says("Nobody would be left");
  });

  test("a screen's token is made, shown once, good for its wall alone, and revoked", async () => {
    await go("/admin/token?lang=en", ".tools button");
    await page.locator(".tools button").click();
    await page.locator('input[name="name"]').fill("left screen");
    await page.locator('select[name="screen"]').selectOption("left");
    await page.locator('.entry button[type="submit"]').click();
    token = await page.locator("input.secret").inputValue();
    assert.match(token, /^ww_/);
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    await page.locator(".beside .told li").first().waitFor();
    await line("left screen").click();
    await page.locator(".beside h2", { hasText: "left screen" }).waitFor();
    assert.ok(!(await page.content()).includes(token), "nobody sees it again");

    const bearer = async (path) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${office.origin}/api/v1/${path}`, { headers })).status;
    };
    assert.equal(await bearer("walls/main"), 200);
    assert.equal(await bearer("records"), 403);
    await page.screenshot({ path: `${ARTIFACTS}admin-token-1920x1080.png` });
    await page.getByRole("button", { name: "Revoke", exact: true }).click();
    await page.getByRole("button", { name: "Really revoke", exact: true }).click();
    await says("wall main");
    await page.locator(".beside .told", { hasText: "Done." }).waitFor();
    assert.equal(await bearer("walls/main"), 401);
  });

  test("a camera is tried from its form, with the password that is kept and with another", async () => {
    await go("/admin/camera?lang=en", ".entries button");
    await line("Cổng chính").click();
    await page.getByRole("button", { name: "Try the small stream", exact: true }).click();
    await says("It works");
    const said = await page.locator(".beside .told").textContent();
    assert.match(said, /H\.264 · \d+ × \d+ · a keyframe every [\d.]+ s/);
    await page.screenshot({ path: `${ARTIFACTS}admin-probe-1920x1080.png` });

    await page.locator('input[name="password"]').fill(SECRETS.wrong);
    await tried("Credentials rejected");
    // Nothing of it was written down.
    assert.ok((await office.text()).includes('password_file = "password"'));
    await page.getByRole("button", { name: "Try the main stream", exact: true }).click();
    await says("no main stream");
  });

  /** Tries what stands in the form; again while the service says that it is too soon. */
  const tried = async (verdict) => {
    const last = performance.now() + PATIENCE_MS;
    for (;;) {
      await page.getByRole("button", { name: "Try the small stream", exact: true }).click();
      await page.waitForFunction(
        () =>
          !/^(Trying|It works)/.test(document.querySelector(".beside .told")?.textContent ?? ""),
      );
      const said = await page.locator(".beside .told").textContent();
      if (!said.includes("a moment ago")) return assert.match(said, new RegExp(verdict));
      if (performance.now() > last) throw new Error(said);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  };

  test("a list of cameras shows its differences first, and is then taken with history", async () => {
    const before = await office.text();
    await go("/admin/camera?lang=en", ".entries button");
    await page.getByRole("button", { name: "Import CSV", exact: true }).click();
    const sheet = [
      "id;number;name;url;username;password_file",
      `gate-01;101;Cổng phụ;rtsp://${office.rtsp}/cam/001/sub;${CAMERA_USER};password`,
      `yard-02;103;Sân sau;rtsp://${office.rtsp}/cam/003/sub;${CAMERA_USER};password`,
    ];
    const area = page.locator('textarea[name="sheet"]');
    const apply = page.getByRole("button", { name: "Take it", exact: true });
    await area.fill(sheet.join("\n").replace("103", "102"));
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await says("line 3, number");
    assert.ok(await apply.isDisabled());
    await area.fill(sheet.join("\n"));
    await page.getByRole("button", { name: "Check", exact: true }).click();
    await says("New: yard-02");
    await says("Changed: gate-01 (name)");
    assert.equal(await office.text(), before, "nothing was changed");
    await page.screenshot({ path: `${ARTIFACTS}admin-import-1920x1080.png` });
    await apply.click();
    await says("Written");
    await line("Sân sau").waitFor();
    const text = await office.text();
    assert.ok(
      text.includes('# At the gate.\n[[camera]]\nid = "gate-01"   # never changes\n'),
      text,
    );
    assert.ok(text.includes('site = "gate"\nurl'), "what no column speaks of stays");
    await go("/admin/history?lang=en", ".entries button");
    await line("import camera").click();
    await page.locator(".diff .plus", { hasText: 'id = "yard-02"' }).waitFor();
  });

  test("a sheet of the roster replaces the one there was, and can be put back", async () => {
    const sheet = (people) =>
      `date,from,until,position,people\n2098-12-24,18:00,06:00,desk,${people}\n`;
    const area = page.locator('textarea[name="sheet"]');
    const take = async (text, difference) => {
      await go("/admin/roster?lang=en", 'textarea[name="sheet"]');
      await page.waitForFunction(() =>
        document.querySelector("textarea")?.value.startsWith("date,from"),
      );
      await area.fill(text);
      await page.getByRole("button", { name: "Check", exact: true }).click();
      await says(difference);
      await page.getByRole("button", { name: "Take it", exact: true }).click();
      await says("Written, and in force.");
    };
    await take(sheet("lan"), "1 new, 0 gone");
    await page.screenshot({ path: `${ARTIFACTS}admin-roster-1920x1080.png` });
    await take(sheet("-"), "1 new, 1 gone");
    assert.equal(await readFile(`${office.folder}/roster.csv`, "utf8"), sheet("-"));
    await go("/admin/history?lang=en", ".entries button");
    // The newest is the sheet in force; below it the file that names it, and the sheet before.
    await page.locator(".entries button", { hasText: "roster.csv" }).nth(1).click();
    await page.getByRole("button", { name: "Put this one back", exact: true }).click();
    await page.getByRole("button", { name: "Really put it back", exact: true }).click();
    await says("Written");
    assert.equal(await readFile(`${office.folder}/roster.csv`, "utf8"), sheet("lan"));
  });

  test("each tab is fit for everybody, dark and light, in both languages, with its forms open", async () => {
    const problems = [];
    for (const [theme, language] of [
      ["dark", "vi"],
      ["light", "en"],
    ]) {
      const other = await textsOf(language === "en" ? "vi" : "en");
      for (const text of await textsOf(language)) other.delete(text);
      for (const tab of TABS) {
        await go(`/admin/${tab}?theme=${theme}&lang=${language}`, "#main .none, #main form");
        await page.waitForLoadState("networkidle");
        const add = page.locator(".tools button").first();
        if ((await add.count()) > 0) await add.click();
        await page.evaluate(axe.source);
        const { violations, passes } = await page.evaluate(
          (values) => window.axe.run(document, { runOnly: { type: "tag", values } }),
          TAGS,
        );
        assert.ok(passes.length > 5, `${tab}: axe looked at the page`);
        for (const { id, nodes } of violations)
          problems.push(
            ...nodes.map(({ html }) => `${tab} ${theme}: ${id}: ${html.slice(0, 200)}`),
          );
        const said = await page.evaluate(() =>
          [...document.querySelectorAll("#tabs a, label > span, button, legend, option")].map(
            (one) => one.firstChild?.textContent?.trim() ?? "",
          ),
        );
        problems.push(...said.filter((text) => other.has(text)).map((text) => `${tab}: ${text}`));
      }
    }
    assert.deepEqual(problems, []);
    assert.deepEqual(page.faults, []);
    assert.deepEqual(page.elsewhere, []);
  });

  test("the pages can be read on a 4K wall and on a phone", async () => {
    const state = await page.context().storageState();
    const views = [
      ["3840x2160", { width: 3840, height: 2160 }],
      ["390x844", PHONE],
    ];
    for (const [name, view] of views) {
      const other = await open(browser, `${office.origin}/admin/user`, {
        ...view,
        storageState: state,
      });
      other.setDefaultTimeout(PATIENCE_MS);
      await line("lan", other).click();
      await other.locator(".beside h3").waitFor();
      const wide = await other.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, `${name}: nothing lies beyond the edge`);
      await other.screenshot({ path: `${ARTIFACTS}admin-user-${name}.png` });
      await other.context().close();
    }
  });

  test("no secret is in the audit, the history, an answer, the store or the log", async () => {
    const { versions } = JSON.parse((await get("configuration/history?limit=200")).text);
    const told = [
      (await get("audit?format=jsonl")).text,
      (await get("users")).text,
      (await get("tokens")).text,
      (await get("sessions")).text,
      ...(await Promise.all(
        versions.map(async ({ id }) => (await get(`configuration/history/${id}`)).text),
      )),
    ];
    assert.ok(told[0].includes("user-password") && told[0].includes("token-create"), told[0]);
    const kept = await Promise.all(
      ["watchwall.db", "watchwall.db-wal", "watchwall.toml"].map((file) =>
        readFile(`${office.folder}/${file}`).catch(() => Buffer.alloc(0)),
      ),
    );
    const texts = [
      ...told,
      ...kept.map((bytes) => bytes.toString("latin1")),
      office.service.output,
    ];
    for (const [name, secret] of Object.entries({ ...SECRETS, token })) {
      const latin = Buffer.from(secret, "utf8").toString("latin1");
      for (const text of texts)
        assert.ok(!text.includes(secret) && !text.includes(latin), `${name} came out`);
    }
    await page.context().close();
  });
});

async function until(holds) {
  const last = performance.now() + PATIENCE_MS;
  while (!(await holds())) {
    if (performance.now() > last) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
