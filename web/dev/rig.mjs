// A whole control room for measurements: simulated cameras, the service with a wall of three screens,
// and a rule that makes alerts of what outside systems tell. Loopback only, without sign-in.
import { spawn } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { binary, freePorts } from "../test/demo.mjs";
import { sleep } from "./figures.mjs";

const TARGET = new URL("../../target/", import.meta.url).pathname;
const FOLDER = `${TARGET}measure/`;
export const SCREENS = ["left", "middle", "right"];
/** Cells of a screen that show a camera: of four by four the first three lines. */
export const SHOWN = 12;
/** Cells of a screen in the last line, which are empty. */
export const FREE = 4;
/** The first draws and encodes scenes. */
const START_MS = 180_000;

export class Rig {
  #children = [];

  /** Starts it and waits until nearly all cameras are online. */
  static async start(cameras) {
    const rig = new Rig();
    process.once("exit", () => rig.#end("SIGKILL"));
    const ports = await freePorts();
    const at = (port) => `127.0.0.1:${port}`;
    rig.origin = `http://${at(ports.http)}`;
    await rm(FOLDER, { recursive: true, force: true });
    await mkdir(FOLDER, { recursive: true });
    await writeFile(`${FOLDER}watchwall.toml`, configuration(cameras, at(ports.rtsp)));
    const sim = ["--cameras", cameras, "--listen", at(ports.rtsp), "--control", at(ports.control)];
    rig.#run("sim", ...sim, "--cache", `${TARGET}scenes`);
    const serve = ["--config", `${FOLDER}watchwall.toml`, "--listen", at(ports.http)];
    rig.#run("serve", "--insecure-no-auth", ...serve);
    const until = performance.now() + START_MS;
    const online = async () => {
      const list = await rig.get("cameras");
      return list.filter(({ state }) => state === "online" || state === "suspect").length;
    };
    while ((await online().catch(() => 0)) < 0.97 * cameras) {
      if (performance.now() > until) throw new Error("the cameras did not come online");
      await sleep(500);
    }
    await rig.post("walls/main/commands", { command: "preset", preset: "free" });
    return rig;
  }

  #run(...args) {
    this.#children.push(spawn(binary, args.map(String), { stdio: "ignore" }));
  }

  #end(signal) {
    for (const child of this.#children) child.kill(signal);
  }

  async get(path) {
    const answer = await fetch(`${this.origin}/api/v1/${path}`);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }

  async post(path, body) {
    const headers = { "content-type": "application/json" };
    const init = { method: "POST", headers, body: JSON.stringify(body) };
    const answer = await fetch(`${this.origin}/api/v1/${path}`, init);
    if (!answer.ok) throw new Error(await answer.text());
    return answer.json();
  }

  /** Opens so many alerts: several of each camera, of a kind each. */
  async raise(count, cameras) {
    for (let n = 0; n < count; n += 1) {
      const kind = `measured-${Math.floor(n / cameras)}`;
      const camera = idOf(n % cameras);
      await this.post("events", { system: "measure", key: `${n}`, kind, camera, text: "measured" });
    }
  }

  async stop() {
    const ended = this.#children.map((child) => new Promise((done) => child.once("close", done)));
    this.#end("SIGTERM");
    await Promise.all(ended);
  }
}

/** Cameras count from 0 here, and from 1 for people. */
export const idOf = (camera) => `cam-${String(camera + 1).padStart(3, "0")}`;

function configuration(cameras, rtsp) {
  const all = Array.from({ length: cameras }, (_, n) => idOf(n));
  const list = (ids) => JSON.stringify(ids);
  const camera = (id, n) =>
    `[[camera]]\nid = "${id}"\nnumber = ${101 + n}\nname = "Camera ${n + 1}"\n` +
    `url = "rtsp://${rtsp}/cam/${id.slice(4)}/sub"\n`;
  const screen = (id, n) =>
    `[[wall.screen]]\nid = "${id}"\nname = "${id}"\ncolumn = ${n}\nlayout = "4x4"\n`;
  return [
    `[store]\npath = "${FOLDER}watchwall.db"\n[ingest]\nallow_loopback = true\n`,
    ...all.map(camera),
    // What is pushed is on no screen before, as when somebody calls a camera that nobody watches.
    `[[wall]]\nid = "main"\nname = "Wall"\nspotlight = "none"\n`,
    `cameras = ${list(all.slice(0, SCREENS.length * SHOWN))}\n`,
    ...SCREENS.map(screen),
    `[[wall.preset]]\nid = "free"\nname = "free"\n`,
    ...SCREENS.map((id, n) => {
      const cells = list(all.slice(n * SHOWN, (n + 1) * SHOWN));
      return `screens.${id}.cameras = ${cells}\n`;
    }),
    `[[alert]]\nid = "measured"\npriority = "low"\n`,
    `kinds = ${list([0, 1, 2, 3].map((n) => `measured-${n}`))}\n`,
  ].join("");
}
