// Bundles the unit tests and runs them with node's own test runner.
import { spawnSync } from "node:child_process";
import { readdir, rm } from "node:fs/promises";
import { build } from "esbuild";

const at = (path) => new URL(`../${path}`, import.meta.url).pathname;
const names = (await readdir(at("test"))).filter((name) => name.endsWith(".test.ts"));

await rm(at(".test"), { recursive: true, force: true });
await build({
  entryPoints: names.map((name) => at(`test/${name}`)),
  outdir: at(".test"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  format: "esm",
  target: "node20",
  sourcemap: "inline",
});
const files = names.map((name) => at(`.test/${name.replace(/\.ts$/, ".mjs")}`));
const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...files], {
  stdio: "inherit",
  cwd: at("."),
});
process.exit(run.status ?? 1);
