// A stand-in for the service: speaks the wall's protocol with generated cameras, so that the page
// can be worked on and tested by itself. Loopback only.
//
//   node dev/serve.mjs [--cameras 150] [--port 8090] [--interval 1] [--pictures DIR] [--video]
//
// Faults for trying things out: GET /fault/{number}/{kind}, with a kind of `FAULTS`, and
// GET /site/{id}/down or /up.
import { execFile } from "node:child_process";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { parseArgs, promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { AlertStand } from "./alerts.mjs";
import { EventStand } from "./events.mjs";
import { Health, siteOf, verdict } from "./health.mjs";
import { encodeClips, Lanes } from "./lanes.mjs";
import { WallStand } from "./walls.mjs";

export const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; " +
  "media-src blob:; connect-src 'self'; worker-src 'self'; manifest-src 'self'";

export const DIST = new URL("../dist/", import.meta.url).pathname;
export const TYPES = {
  html: "text/html; charset=utf-8",
  js: "text/javascript",
  css: "text/css",
  svg: "image/svg+xml",
  png: "image/png",
  webmanifest: "application/manifest+json",
};
const SITES = ["Kỳ Anh", "Hương Khê", "Đức Thọ", "Cẩm Xuyên", "Nghi Xuân", "Lộc Hà", "Can Lộc"];
const PLACES = ["Ngã ba", "Cổng trường", "Bến xe", "Chợ", "Trạm y tế", "Cầu", "Phòng thi"];
const HEARTBEAT_MS = 5000;

/** What a fault does to a camera's state and whether its tiles go on. */
const FAULTS = {
  none: { state: "online", conditions: [], tiles: true },
  silent: { state: "online", conditions: [], tiles: false },
  stall: { state: "stalled", conditions: ["stalled"], tiles: false },
  overdue: { state: "stalled", conditions: ["keyframe-overdue"], tiles: false },
  auth: { state: "offline", conditions: ["credentials-rejected"], tiles: false },
  busy: { state: "offline", conditions: ["session-limit"], tiles: false },
  unreachable: { state: "offline", conditions: ["unreachable"], tiles: false },
  decode: { state: "stalled", conditions: ["decode-errors"], tiles: false },
  quarantine: { state: "offline", conditions: ["quarantined"], tiles: false },
  connecting: { state: "connecting", conditions: [], tiles: false },
  waiting: { state: "waiting-keyframe", conditions: [], tiles: false },
  /** Of each second of video all but the beginning is left out, as for a slow viewer. */
  skips: { state: "online", conditions: [], tiles: true, skips: true },
  lossy: { state: "online", conditions: ["packet-loss"], tiles: true },
};
const SUSPECT = ["frozen", "looped", "black", "overexposed", "defocused", "covered", "moved"];
for (const condition of SUSPECT) {
  FAULTS[condition] = { state: "suspect", conditions: [condition], tiles: true };
}
for (const condition of ["clock-skew", "stream-changed", "low-frame-rate", "unstable"]) {
  const kind = condition.replaceAll("-", "");
  FAULTS[kind] = { state: "online", conditions: [condition], tiles: true };
}

/** Generates a few different pictures with the ffmpeg command, once per folder and width. */
export async function drawPictures(folder, width) {
  await mkdir(folder, { recursive: true });
  const name = new RegExp(`^tile-${width}-\\d+\\.jpg$`);
  let files = (await readdir(folder)).filter((file) => name.test(file));
  if (files.length < 12) {
    const height = Math.round((width * 9) / 16);
    const source = `mandelbrot=size=${width}x${height}:rate=1:start_scale=2:end_scale=0.01:end_pts=12`;
    const scenes = [source, `testsrc2=size=${width}x${height}:rate=1`];
    for (const [index, scene] of scenes.entries()) {
      const out = `${folder}/tile-${width}-${index}%d.jpg`;
      const limits = ["-frames:v", "6", "-q:v", "6", "-threads", "1"];
      await promisify(execFile)("ffmpeg", [
        "-v",
        "error",
        "-y",
        "-f",
        "lavfi",
        "-i",
        scene,
        ...limits,
        out,
      ]);
    }
    files = (await readdir(folder)).filter((file) => name.test(file));
  }
  return Promise.all(files.sort().map((file) => readFile(`${folder}/${file}`)));
}

/** Starts the stand-in; answers with what a test needs to drive it. */
export async function serve({
  cameras = 150,
  port = 0,
  intervalMs = 1000,
  folder = "/tmp/watchwall-web",
  firstHandle = 1,
  clips = null,
  screens = false,
} = {}) {
  const pictures = await drawPictures(folder, 320);
  const large = await drawPictures(folder, 1280);
  const list = Array.from({ length: cameras }, (_, index) => camera(index));
  const controls = new Set();
  const medias = new Set();
  const painted = [];
  const received = [];

  const sized = (url) => (Number(url.searchParams.get("width") ?? 1280) <= 320 ? pictures : large);
  const tellAll = (message) => {
    for (const ws of controls) tell(ws, message);
  };
  const health = new Health(list, tellAll);
  const siteName = (id) => health.sites().find((one) => one.id === id)?.name ?? null;
  const alerts = new AlertStand(list, siteName);
  const walls = new WallStand(list, tellAll, { screens });
  const events = new EventStand(list);
  const kept = new Map();

  const http = createServer(async (request, response) => {
    const send = (status, type, body, headers = {}) => {
      response.writeHead(status, {
        "content-type": type,
        "content-security-policy": CSP,
        ...headers,
      });
      response.end(body);
    };
    const url = new URL(request.url, "http://stand.in");
    const { pathname } = url;
    const asset = /^\/(?:assets\/)?([a-z0-9-]+\.[a-z]+)$/.exec(pathname)?.[1];
    const snapshot = /^\/api\/v1\/cameras\/([a-z0-9-]+)\/snapshot\.jpg$/.exec(pathname)?.[1];
    const fault = /^\/fault\/(\d+)\/([a-z]+)$/.exec(pathname);
    const page = /^\/(wall|health|duty|alerts|admin|console|sign-in)(\/|$)/.exec(pathname)?.[1];
    const replay = /^\/wall\/[^/]+\/history$/.test(pathname);
    const file = page === undefined ? asset : `${replay ? "replay" : page}.html`;
    const site = /^\/site\/([a-z-]+)\/(up|down)$/.exec(pathname);
    if (file !== undefined) {
      readFile(DIST + file).then(
        (body) => {
          const type = TYPES[file.split(".").pop()] ?? "application/octet-stream";
          // As the service does; a phone on a poor link would wait three times as long.
          const packs = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
          if (packs) send(200, type, gzipSync(body), { "content-encoding": "gzip" });
          else send(200, type, body);
        },
        () => send(404, "text/plain", "no such file"),
      );
    } else if (pathname === "/api/v1/session") {
      send(200, "application/json", JSON.stringify({ user: "anonymous", role: "admin" }));
    } else if (snapshot !== undefined) {
      const one = list.find(({ view }) => view.id === snapshot);
      if (one === undefined || one.view.last_frame_at === null)
        send(404, "application/problem+json", "{}");
      else
        send(200, "image/jpeg", sized(url)[one.sequence % large.length], {
          "x-captured-at": String(one.view.last_frame_at),
        });
    } else if (fault !== null && setFault(Number(fault[1]), fault[2])) {
      send(200, "text/plain", "done");
    } else if (site !== null) {
      setSite(site[1], site[2] === "down");
      send(200, "text/plain", "done");
    } else if (pathname.startsWith("/api/v1/")) {
      let body = "";
      for await (const part of request) body += part;
      const person = request.headers["x-watchwall-person"] ?? null;
      const none = [404, "application/problem+json", "{}"];
      const answer =
        walls.answer(request.method, url, body, person) ??
        preference(kept, request.method, pathname, body) ??
        events.answer(request.method, url, body) ??
        alerts.answer(request.method, url, body, person) ??
        health.answer(request.method, url, body, large);
      send(...(answer ?? none));
    } else send(404, "application/problem+json", "{}");
  });

  const sockets = new WebSocketServer({ noServer: true, maxPayload: 65_536 });
  http.on("upgrade", (request, socket, head) => {
    const { pathname, searchParams } = new URL(request.url, "http://stand.in");
    const kind = { "/api/v1/control": controls, "/api/v1/media": medias }[pathname];
    if (kind === undefined) return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (ws) =>
      kind === controls ? welcome(ws, searchParams) : media(ws),
    );
  });

  function welcome(ws, asked) {
    controls.add(ws);
    const person = asked.get("person");
    ws.on("close", () => controls.delete(ws));
    ws.on("message", (text) => {
      const message = JSON.parse(text);
      if (message.type === "painted") painted.push(message);
      if (painted.length > 100) painted.shift();
    });
    tell(ws, {
      type: "hello",
      server_time: micros(),
      user: null,
      role: "screen",
      alert_head: alerts.seq,
      version: "dev",
    });
    alerts.join(ws, person);
    if (asked.get("only") === "alerts") return;
    tell(ws, { type: "cameras", cameras: list.map((one) => one.view) });
    tell(ws, { type: "sites", sites: health.sites() });
    tell(ws, { type: "wall", ...walls.wall });
  }

  function media(ws) {
    medias.add(ws);
    const send = (one, { kind, flags, sequence, atMs, mediaTime }, payload) => {
      const receivedAt = Math.round((startedAt + atMs) * 1000);
      const fields = { kind, flags, handle: one.view.handle, sequence, receivedAt, mediaTime };
      ws.send(Buffer.concat([header(fields), payload]));
    };
    const lanes = new Lanes(clips, list, { send, tell: (notice) => tell(ws, notice) });
    viewers.set(ws, lanes);
    ws.on("close", () => {
      medias.delete(ws);
      viewers.delete(ws);
    });
    ws.on("message", (text) => {
      const message = JSON.parse(text);
      received.push(message);
      if (received.length > 100) received.shift();
      if (message.type !== "subscribe") return;
      if (clips !== null) lanes.wish(message.video ?? []);
      // Problems come as text between the tiles; a page has to live with them.
      tell(ws, { type: "error", problem: { title: "a problem that stops nothing" } });
      // The newest picture of each camera comes at once, however old it is.
      for (const one of list) if (one.newest !== null) ws.send(one.newest);
    });
  }

  function publish(one) {
    one.sequence += 1;
    one.view.last_frame_at = micros();
    one.newest = message(one, pictures[(one.sequence + one.index) % pictures.length]);
    for (const ws of medias) if (ws.bufferedAmount < 1 << 20) ws.send(one.newest);
  }

  function setFault(number, kind) {
    const one = list.find(({ view }) => view.number === number);
    const fault = FAULTS[kind];
    if (one === undefined || fault === undefined) return false;
    one.tiles = fault.tiles;
    one.skips = fault.skips === true;
    Object.assign(one.view, verdict(fault.conditions), { state: fault.state, since: micros() });
    for (const ws of controls) tell(ws, { type: "camera", ...one.view });
    health.tellSites();
    return true;
  }

  /** A site loses its link, or gets it back. */
  function setSite(id, down) {
    for (const one of list) {
      if (one.view.site !== id) continue;
      one.view.masked_by = down ? id : null;
      setFault(one.view.number, down ? "unreachable" : "none");
    }
    health.setSite(id, down);
  }

  /** Cameras publish one after the other, spread over their interval as real ones are. */
  const began = performance.now();
  const startedAt = Date.now();
  const viewers = new Map();
  const STEP_MS = 10;
  const ticking = setInterval(() => {
    const due = performance.now() - began;
    if (clips !== null) for (const lanes of viewers.values()) lanes.tick(due);
    for (const one of list) {
      if (one.tiles && due >= one.dueMs) {
        one.dueMs = Math.max(one.dueMs + one.intervalMs, due);
        publish(one);
      }
    }
  }, STEP_MS);
  const beating = setInterval(() => {
    for (const ws of controls)
      tell(ws, { type: "heartbeat", server_time: micros(), alert_head: alerts.seq });
  }, HEARTBEAT_MS);

  function camera(index) {
    const view = {
      id: `cam-${String(index + 1).padStart(3, "0")}`,
      handle: firstHandle + index,
      number: 101 + index,
      name: `${PLACES[index % PLACES.length]} ${SITES[(index * 3) % SITES.length]} ${1 + Math.floor(index / 7)}`,
      site: siteOf(index),
      tags: index % 7 === 0 ? ["nga-ba"] : [],
      state: "online",
      ...verdict([]),
      masked_by: null,
      maintenance: null,
      since: micros(),
      last_frame_at: null,
      refresh_s: null,
      codec: index % 10 === 9 ? "h265" : "h264",
      width: 640,
      height: 360,
    };
    return {
      index,
      view,
      sequence: 0,
      newest: null,
      tiles: true,
      skips: false,
      intervalMs,
      dueMs: (index * 37) % intervalMs,
    };
  }

  await new Promise((resolve) => http.listen(port, "127.0.0.1", resolve));
  return {
    port: http.address().port,
    list,
    painted,
    received,
    setFault,
    setSite,
    health,
    alerts,
    walls,
    events,
    kept,
    async close() {
      clearInterval(ticking);
      clearInterval(beating);
      for (const ws of sockets.clients) ws.terminate();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}

/** What an account keeps for its pages. */
function preference(kept, method, pathname, body) {
  const key = /^\/api\/v1\/session\/preferences\/([a-z-]+)$/.exec(pathname)?.[1];
  if (key === undefined) return undefined;
  if (method === "PUT") kept.set(key, body);
  const value = kept.get(key);
  const none = [404, "application/problem+json", "{}"];
  return value === undefined ? none : [200, "application/json", value];
}

function message(one, jpeg) {
  const { sequence, view } = one;
  const { handle, last_frame_at: receivedAt } = view;
  const mediaTime = (sequence * 90_000) % 2 ** 32;
  return Buffer.concat([
    header({ kind: 1, flags: 1, handle, sequence, receivedAt, mediaTime }),
    jpeg,
  ]);
}

/** The 24 bytes before every media message; `receivedAt` in microseconds. */
function header({ kind, flags, handle, sequence, receivedAt, mediaTime }) {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt8(1, 0);
  bytes.writeUInt8(kind, 1);
  bytes.writeUInt16BE(flags, 2);
  bytes.writeUInt32BE(handle, 4);
  bytes.writeUInt32BE(sequence, 8);
  bytes.writeBigUInt64BE(BigInt(receivedAt), 12);
  bytes.writeUInt32BE(mediaTime, 20);
  return bytes;
}

function tell(ws, message) {
  ws.send(JSON.stringify(message));
}

function micros() {
  return Date.now() * 1000;
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const { values } = parseArgs({
    options: {
      cameras: { type: "string", default: "150" },
      port: { type: "string", default: "8090" },
      interval: { type: "string", default: "1" },
      pictures: { type: "string", default: "/tmp/watchwall-web" },
      video: { type: "boolean", default: false },
      screens: { type: "boolean", default: false },
    },
  });
  const server = await serve({
    cameras: Number(values.cameras),
    port: Number(values.port),
    intervalMs: Number(values.interval) * 1000,
    folder: values.pictures,
    clips: values.video ? await encodeClips() : null,
    screens: values.screens,
  });
  for (const [number, kind] of [
    [107, "covered"],
    [121, "defocused"],
    [133, "unstable"],
    [140, "clock-skew"],
  ])
    server.alerts.raise(number, kind);
  for (const page of ["wall/main", "duty", "alerts", "console"])
    console.log(`http://127.0.0.1:${server.port}/${page}`);
}
