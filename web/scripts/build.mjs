// Bundles the pages into dist/, which the service embeds and serves under /assets/.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { iconPng } from "./icon.mjs";

const at = (path) => new URL(`../${path}`, import.meta.url).pathname;

await mkdir(at("dist"), { recursive: true });
await build({
  entryPoints: {
    wall: at("src/main.ts"),
    health: at("src/health/main.ts"),
    duty: at("src/duty/main.ts"),
    alerts: at("src/desk/main.ts"),
    console: at("src/console/main.ts"),
    "sign-in": at("src/sign-in/main.ts"),
    admin: at("src/admin/main.ts"),
    replay: at("src/replay/main.ts"),
    "video-worker": at("src/video/worker.ts"),
  },
  outdir: at("dist"),
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
});
await build({
  entryPoints: {
    wall: at("src/wall.css"),
    health: at("src/health/health.css"),
    duty: at("src/duty/duty.css"),
    alerts: at("src/desk/alerts.css"),
    console: at("src/console/console.css"),
    "sign-in": at("src/sign-in/sign-in.css"),
    admin: at("src/admin/admin.css"),
    replay: at("src/replay/replay.css"),
  },
  outdir: at("dist"),
  bundle: true,
  minify: true,
  target: "chrome110",
});
const pages = [
  "wall.html",
  "health/health.html",
  "duty/duty.html",
  "desk/alerts.html",
  "console/console.html",
  "sign-in/sign-in.html",
  "admin/admin.html",
  "replay/replay.html",
];
for (const file of [...pages, "duty/duty.webmanifest", "icon.svg"]) {
  await cp(at(`src/${file}`), at(`dist/${file.split("/").pop()}`));
}
// Its licence goes where the code goes.
await cp(at("node_modules/uplot/LICENSE"), at("dist/uplot-licence.txt"));
for (const size of [192, 512]) await writeFile(at(`dist/icon-${size}.png`), iconPng(size));
// The duty page's files are kept on phones, all of one version together.
const version = createHash("sha256");
for (const file of ["duty.html", "duty.js", "duty.css", "duty.webmanifest", "icon.svg"]) {
  version.update(await readFile(at(`dist/${file}`)));
}
await build({
  entryPoints: { "duty-worker": at("src/duty/worker.ts") },
  outdir: at("dist"),
  bundle: true,
  format: "iife",
  target: "es2022",
  minify: true,
  define: { VERSION: JSON.stringify(version.digest("hex").slice(0, 16)) },
});
