// Runs the tests in a real browser: the pages before a service made up for them, and beside that the
// pages on the real one, which mostly wait for it. In each lane one file after the other.
import { spawn } from "node:child_process";
import { once } from "node:events";
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
const lanes = [
  ["browser", "walls", "health", "duty", "console", "console-alerts", "forms", "live", "motion"],
  ["service", "health-service", "duty-service", "screens", "shift", "admin"],
];

/** Runs one file and tells it whole when it is over; whether it passed. */
async function passes(name) {
  const args = ["--test", "--test-reporter=spec", `test/${name}.test.mjs`];
  const cwd = new URL("..", import.meta.url).pathname;
  const run = spawn(process.execPath, args, { cwd, stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  run.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
  });
  const [status] = await once(run, "close");
  console.log(`${name}\n${said}`);
  return status === 0;
}

const chosen = process.argv.slice(2);
const failed = [];
await Promise.all(
  lanes.map(async (lane) => {
    for (const name of lane.filter((name) => chosen.length === 0 || chosen.includes(name)))
      if (!(await passes(name))) failed.push(name);
  }),
);
if (failed.length > 0) console.error(`FAILED in the browser: ${failed.join(", ")}`);
process.exit(failed.length > 0 ? 1 : 0);
