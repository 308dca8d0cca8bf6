// Bundles the pages into dist/, which the service embeds and serves under /assets/.
import { cp, mkdir } from "node:fs/promises";
import { build } from "esbuild";

const at = (path) => new URL(`../${path}`, import.meta.url).pathname;

await mkdir(at("dist"), { recursive: true });
await build({
  entryPoints: {
    wall: at("src/main.ts"),
    health: at("src/health/main.ts"),
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
  entryPoints: { wall: at("src/wall.css"), health: at("src/health/health.css") },
  outdir: at("dist"),
  bundle: true,
  minify: true,
  target: "chrome110",
});
for (const file of ["wall.html", "health/health.html", "icon.svg"]) {
  await cp(at(`src/${file}`), at(`dist/${file.split("/").pop()}`));
}
// Its licence goes where the code goes.
await cp(at("node_modules/uplot/LICENSE"), at("dist/uplot-licence.txt"));
