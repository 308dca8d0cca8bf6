// The real service for browser tests, as a child process on free ports: `watchwall demo`, or `watchwall
// serve` with a configuration of the test's own beside the simulator.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { chromiumPath, launch } from "./chromium.mjs";

const TARGET = new URL("../../target/", import.meta.url).pathname;
/** The store of the tests' demo, and a link to the scenes that the Rust tests encode as well. */
const FOLDER = `${TARGET}browser/`;

/** Where screenshots are kept. */
export const ARTIFACTS = new URL("../../artifacts/", import.meta.url).pathname;

/** The service's binary: a release build where there is one. */
export const binary = [
  process.env.WATCHWALL,
  `${TARGET}release/watchwall`,
  `${TARGET}debug/watchwall`,
].find((path) => path !== undefined && existsSync(path));

/** Why a test on the real service cannot run here, or `false`. */
export const skip =
  (chromiumPath === undefined && "no Chromium is installed") ||
  (binary === undefined && "no watchwall was built");

/** What such a test has: a browser, and a demo of so many cameras with an empty store. */
export async function begin(cameras) {
  await mkdir(ARTIFACTS, { recursive: true });
  await freshStore();
  const demo = await Demo.start(cameras, await freePorts());
  return { demo, origin: new URL(demo.wall).origin, browser: await launch() };
}

/** Ends what was begun, as much of it as there is. */
export async function end({ browser, demo }) {
  await browser?.close();
  await demo?.stop();
}

/** Waits for a state; `holds` is asked again and again. */
export async function until(holds, timeout = 60_000) {
  const last = performance.now() + timeout;
  while (!(await holds())) {
    if (performance.now() > last) throw new Error(`still not: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

/** Three ports that were free a moment ago. */
export async function freePorts() {
  const servers = [1, 2, 3].map(() => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((done) => server.once("listening", done))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  const [http, rtsp, control] = ports;
  return { http, rtsp, control };
}

/** Forgets what an earlier run stored; the encoded scenes stay. */
export async function freshStore() {
  for (const end of ["", "-shm", "-wal", ".spool", ".audit-head"])
    await rm(`${FOLDER}watchwall.db${end}`, { force: true });
}

/** Makes the folder, with the scenes in it. */
async function prepare() {
  await mkdir(FOLDER, { recursive: true });
  await mkdir(`${TARGET}scenes`, { recursive: true });
  await symlink("../scenes", `${FOLDER}sim`).catch((error) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** One process. It ends with `stop`, and at the latest with this one. */
class Child {
  output = "";
  #child;
  #ended;

  constructor(args) {
    this.#child = spawn(binary, args, { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        this.output = (this.output + text).slice(-100_000);
      });
    }
    const kill = () => this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#ended = new Promise((done) => this.#child.once("close", (code) => done(code)));
    this.#ended.then(() => process.off("exit", kill));
  }

  /** Waits until it prints this. */
  async says(text) {
    let over = false;
    this.#ended.then(() => {
      over = true;
    });
    // The first start draws and encodes the scenes: about half a minute on a quiet machine.
    const until = performance.now() + 180_000;
    while (!this.output.includes(text)) {
      if (over || performance.now() > until) {
        await this.stop("SIGKILL");
        throw new Error(`it did not start:\n${this.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get pid() {
    return this.#child.pid;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Ends it and waits for that; answers its exit code. */
  stop(name = "SIGTERM") {
    this.#child.kill(name);
    return this.#ended;
  }
}

/** A running service with the simulator in the same process. */
export class Demo extends Child {
  startedAt = performance.now();

  constructor(args, ports) {
    super(args);
    this.ports = ports;
  }

  /** Starts a demo that asks nobody to sign in, and waits until it prints its addresses. */
  static async start(cameras, ports) {
    await prepare();
    const demo = new Demo(
      [
        ...["demo", "--insecure-no-auth", "--cameras", String(cameras), "--folder", FOLDER],
        ...["--listen", at(ports.http), "--rtsp", at(ports.rtsp), "--control", at(ports.control)],
      ],
      ports,
    );
    await demo.says("/wall/main");
    return demo;
  }

  get wall() {
    return `http://${at(this.ports.http)}/wall/main`;
  }

  /** Causes a fault of a camera, by its number in the simulator; `null` ends it. */
  async fault(camera, kind) {
    const answer = await fetch(`http://${at(this.ports.control)}/cam/${camera}/fault`, {
      method: kind === null ? "DELETE" : "POST",
      headers: { "content-type": "application/json" },
      body: kind === null ? undefined : JSON.stringify({ kind }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** What the simulator has seen. */
  async stats() {
    return (await fetch(`http://${at(this.ports.control)}/stats`)).json();
  }

  /** The service's figure of this name, summed over its labels. */
  async metric(name) {
    const answer = await fetch(`http://${at(this.ports.http)}/metrics`);
    const lines = (await answer.text()).split("\n");
    const values = lines.filter((line) => line.startsWith(name)).map((line) => line.split(" ")[1]);
    return values.reduce((sum, value) => sum + Number(value), 0);
  }
}

/** A control room: the service as it is installed, with sign-in, and the simulator beside it. */
export class Room extends Demo {
  #sim;
  #file;

  /** `config` is the text of its file but for where it listens and stores. */
  static async start(cameras, ports, config) {
    await prepare();
    await freshStore();
    const file = `${FOLDER}room.toml`;
    const own = [
      `http = { listen = "${at(ports.http)}" }`,
      `store = { path = "${FOLDER}watchwall.db" }`,
      "ingest = { allow_loopback = true }",
    ];
    await writeFile(file, `${own.join("\n")}\n${config}`);
    const sim = new Child([
      ...["sim", "--cameras", String(cameras), "--cache", `${FOLDER}sim`],
      ...["--listen", at(ports.rtsp), "--control", at(ports.control)],
    ]);
    await sim.says("/stats");
    const room = new Room(["serve", "--config", file], ports);
    room.#sim = sim;
    room.#file = file;
    await room.says("the wall is at");
    return room;
  }

  /** What an administrator types; answers what is printed. */
  administer(args, input = "") {
    const done = spawnSync(binary, [...args, "--config", this.#file], { input, encoding: "utf8" });
    if (done.status !== 0) throw new Error(`${args.join(" ")}: ${done.stderr}`);
    return done.stdout.trim();
  }

  async stop(name = "SIGTERM") {
    const [code] = await Promise.all([super.stop(name), this.#sim?.stop(name)]);
    return code;
  }
}

function at(port) {
  return `127.0.0.1:${port}`;
}
