// Stands between browser and service: serves the pages of this tree, and more; passes everything
// else on; and holds media back when told, as a network does that has a bad moment. Loopback only.
import { readFile } from "node:fs/promises";
import { request as ask, createServer } from "node:http";
import { connect } from "node:net";
import { CSP, DIST, TYPES } from "./serve.mjs";

/** Starts it before the service at `port`; `extra` answers paths of its own with [type, body]. */
export async function front(port, extra = () => undefined) {
  const medias = new Set();
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://front");
    const file = pathname.startsWith("/wall/")
      ? "wall.html"
      : /^\/assets\/([a-z.-]+)$/.exec(pathname)?.[1];
    const own = (await extra(pathname)) ?? (file && [typeOf(file), await readFile(DIST + file)]);
    if (own !== undefined) {
      const headers = { "content-type": own[0], "content-security-policy": CSP };
      response.writeHead(200, headers).end(own[1]);
      return;
    }
    const headers = { ...request.headers, host: `127.0.0.1:${port}` };
    const upstream = ask({ port, path: request.url, method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    upstream.on("error", () => response.writeHead(502).end());
    request.pipe(upstream);
  });
  server.on("upgrade", (request, client) => {
    const upstream = connect(port, "127.0.0.1");
    // Not a browser, as far as the service can see: the page comes from here, not from there.
    const lines = Object.entries({ ...request.headers, host: `127.0.0.1:${port}` })
      .filter(([name]) => name !== "origin")
      .map(([name, value]) => `${name}: ${value}\r\n`);
    upstream.write(`GET ${request.url} HTTP/1.1\r\n${lines.join("")}\r\n`);
    upstream.setNoDelay(true);
    client.setNoDelay(true);
    upstream.pipe(client);
    client.pipe(upstream);
    const end = () => {
      medias.delete(pair);
      upstream.destroy();
      client.destroy();
    };
    const pair = { upstream, client };
    if (request.url.startsWith("/api/v1/media")) medias.add(pair);
    for (const socket of [upstream, client]) socket.on("error", end).on("close", end);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    /** Nothing of the media sockets comes through for this long. */
    async hold(ms) {
      const held = [...medias];
      for (const { upstream, client } of held) upstream.unpipe(client);
      await new Promise((resolve) => setTimeout(resolve, ms));
      for (const { upstream, client } of held) if (!upstream.destroyed) upstream.pipe(client);
    },
    close() {
      for (const { upstream, client } of medias) {
        upstream.destroy();
        client.destroy();
      }
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

function typeOf(file) {
  return TYPES[file.split(".").pop()] ?? "application/octet-stream";
}
