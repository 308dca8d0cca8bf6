// Serves the stage (`stage.ts`) and footage, under the content policy of the service.

import { createServer } from "node:http";
import { build } from "esbuild";
import { CSP } from "../dev/serve.mjs";

const at = (path) => new URL(`../${path}`, import.meta.url).pathname;

const PAGE = '<!doctype html><title>Stage</title><script type="module" src="/stage.js"></script>';

/** The stage's own files, as [type, body] by path. */
export async function stageFiles() {
  const { outputFiles } = await build({
    entryPoints: { stage: at("test/stage.ts"), "video-worker": at("src/video/worker.ts") },
    outdir: "/",
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
  });
  const scripts = outputFiles.map(({ path, contents }) => [path, ["text/javascript", contents]]);
  return { "/stage": ["text/html", PAGE], ...Object.fromEntries(scripts) };
}

/** Starts it; `footage` by name, as `encode` made it. */
export async function theatre(footage) {
  const files = await stageFiles();
  const server = createServer((request, response) => {
    const name = /^\/footage\/([a-z0-9-]+)$/.exec(request.url)?.[1];
    const [type, body] = footage[name]
      ? ["application/octet-stream", pack(footage[name])]
      : (files[request.url] ?? ["text/plain", ""]);
    response.writeHead(200, { "content-type": type, "content-security-policy": CSP });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function pack({ width, height, frameMs, units, luma }) {
  const list = units.map(({ atMs, keyframe, data }) => ({ atMs, keyframe, size: data.length }));
  const times = luma.map((_, n) => n * frameMs);
  const head = Buffer.from(JSON.stringify({ width, height, frameMs, units: list, times }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...units.map(({ data }) => data), ...luma]);
}
