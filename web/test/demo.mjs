// The real service for browser tests: `watchwall demo` as a child process, on free ports.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rm, symlink } from "node:fs/promises";
import { createServer } from "node:net";

const TARGET = new URL("../../target/", import.meta.url).pathname;
/** The store of the tests' demo, and a link to the scenes that the Rust tests encode as well. */
const FOLDER = `${TARGET}browser/`;

/** The service's binary: a release build where there is one. */
export const binary = [
  process.env.WATCHWALL,
  `${TARGET}release/watchwall`,
  `${TARGET}debug/watchwall`,
].find((path) => path !== undefined && existsSync(path));

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
  for (const end of ["", "-shm", "-wal", ".spool"])
    await rm(`${FOLDER}watchwall.db${end}`, { force: true });
}

/** A running demo. It ends with `stop`, and at the latest with this process. */
export class Demo {
  output = "";
  startedAt = performance.now();
  #child;
  #ended;

  constructor(cameras, ports) {
    this.ports = ports;
    const at = (port) => `127.0.0.1:${port}`;
    this.#child = spawn(
      binary,
      [
        ...["demo", "--insecure-no-auth", "--cameras", String(cameras), "--folder", FOLDER],
        ...["--listen", at(ports.http), "--rtsp", at(ports.rtsp), "--control", at(ports.control)],
      ],
      { stdio: ["ignore", "pipe", "pipe"] },
    );
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

  /** Starts a demo and waits until it prints its addresses. */
  static async start(cameras, ports) {
    await mkdir(FOLDER, { recursive: true });
    await mkdir(`${TARGET}scenes`, { recursive: true });
    await symlink("../scenes", `${FOLDER}sim`).catch((error) => {
      if (error.code !== "EEXIST") throw error;
    });
    const demo = new Demo(cameras, ports);
    let over = false;
    demo.#ended.then(() => {
      over = true;
    });
    // The first start draws and encodes the scenes: about half a minute on a quiet machine.
    const until = performance.now() + 180_000;
    while (!demo.output.includes("/wall/main")) {
      if (over || performance.now() > until) {
        await demo.stop("SIGKILL");
        throw new Error(`the demo did not start:\n${demo.output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return demo;
  }

  get pid() {
    return this.#child.pid;
  }

  get wall() {
    return `http://127.0.0.1:${this.ports.http}/wall/main`;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Ends the demo and waits for that; answers its exit code. */
  stop(name = "SIGTERM") {
    this.#child.kill(name);
    return this.#ended;
  }

  /** Causes a fault of a camera, by its number in the simulator; `null` ends it. */
  async fault(camera, kind) {
    const answer = await fetch(`http://127.0.0.1:${this.ports.control}/cam/${camera}/fault`, {
      method: kind === null ? "DELETE" : "POST",
      headers: { "content-type": "application/json" },
      body: kind === null ? undefined : JSON.stringify({ kind }),
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** What the simulator has seen. */
  async stats() {
    return (await fetch(`http://127.0.0.1:${this.ports.control}/stats`)).json();
  }

  /** The service's figure of this name, summed over its labels. */
  async metric(name) {
    const answer = await fetch(`http://127.0.0.1:${this.ports.http}/metrics`);
    const lines = (await answer.text()).split("\n");
    const values = lines.filter((line) => line.startsWith(name)).map((line) => line.split(" ")[1]);
    return values.reduce((sum, value) => sum + Number(value), 0);
  }
}
