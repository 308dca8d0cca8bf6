// Serves the stage (`stage.ts`) and footage, under the content policy of the service.
import { createServer } from "node:http";
import { build } from "esbuild";
import { CSP } from "../dev/serve.mjs";

const at = (path) => new URL(`../${path}`, import.meta.url).pathname;

/** Starts it; `footage` by name, as `encode` made it. */
export async function theatre(footage) {
  const { outputFiles } = await build({
    entryPoints: { stage: at("test/stage.ts"), "video-worker": at("src/video/worker.ts") },
    outdir: "/",
    bundle: true,
    write: false,
    format: "esm",
    target: "es2022",
  });
  const scripts = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const page = '<!doctype html><title>Stage</title><script type="module" src="/stage.js"></script>';
  const server = createServer((request, response) => {
    const name = /^\/footage\/([a-z0-9-]+)$/.exec(request.url)?.[1];
    const [type, body] = footage[name]
      ? ["application/octet-stream", pack(footage[name])]
      : scripts.has(request.url)
        ? ["text/javascript", scripts.get(request.url)]
        : ["text/html", page];
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
  const head = Buffer.from(JSON.stringify({ width, height, frameMs, units: list }));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.length);
  return Buffer.concat([length, head, ...units.map(({ data }) => data), ...luma]);
}
