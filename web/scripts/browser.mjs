// Runs the tests in a real browser, one file after the other: each wants the machine for itself.
import { spawnSync } from "node:child_process";
import { chromiumPath } from "../test/chromium.mjs";

if (chromiumPath === undefined) {
  const line = "*".repeat(78);
  console.error(
    `\n${line}\nNO CHROMIUM: the wall was NOT tested in a browser. Install it, then test again:`,
  );
  console.error(
    `\n  sudo apt-get install chromium\n\nor say where it is: CHROMIUM=/path/to/chromium\n${line}\n`,
  );
  process.exit(0);
}
const files = [
  "test/browser.test.mjs",
  "test/walls.test.mjs",
  "test/health.test.mjs",
  "test/duty.test.mjs",
  "test/console.test.mjs",
  "test/console-alerts.test.mjs",
  "test/forms.test.mjs",
  "test/live.test.mjs",
  "test/motion.test.mjs",
  "test/service.test.mjs",
  "test/health-service.test.mjs",
  "test/duty-service.test.mjs",
  "test/screens.test.mjs",
  "test/shift.test.mjs",
  "test/admin.test.mjs",
];
const run = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=1", "--test-reporter=spec", ...files],
  { stdio: "inherit", cwd: new URL("..", import.meta.url).pathname },
);
process.exit(run.status ?? 1);
