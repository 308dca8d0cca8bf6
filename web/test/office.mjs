// `watchwall serve` with a configuration file and an account, and simulated cameras that want a
// password: what the pages of administrators are tested on.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { binary, freePorts } from "./demo.mjs";

const TARGET = new URL("../../target/", import.meta.url).pathname;
/** From the start of a process until it says what it is to say; scenes may have to be encoded. */
const STARTS_WITHIN_MS = 180_000;

/** What the cameras ask for. */
export const CAMERA_USER = "viewer";
export const CAMERA_PASSWORD = "canary-of-the-cameras";

/** A child process, all that it printed, and its end. */
class Process {
  output = "";
  #child;
  #ended;

  constructor(args) {
    this.#child = spawn(binary, args, {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream.setEncoding("utf8").on("data", (text) => {
        this.output += text;
      });
    const kill = () => this.#child.kill("SIGKILL");
    process.once("exit", kill);
    this.#ended = new Promise((done) => this.#child.once("close", done));
    this.#ended.then(() => process.off("exit", kill));
  }

  /** Waits until this is said; answers what was found. */
  async says(pattern) {
    const until = performance.now() + STARTS_WITHIN_MS;
    for (;;) {
      const found = pattern.exec(this.output);
      if (found !== null) return found;
      if (performance.now() > until) throw new Error(`never ${pattern}:\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  stop() {
    this.#child.kill("SIGTERM");
    return this.#ended;
  }
}

export class Office {
  static async open() {
    const office = new Office();
    const { http, rtsp, control } = await freePorts();
    office.rtsp = `127.0.0.1:${rtsp}`;
    office.origin = `http://127.0.0.1:${http}`;
    await mkdir(`${TARGET}browser`, { recursive: true });
    office.folder = await mkdtemp(`${TARGET}browser/office-`);
    const password = `${office.folder}/password`;
    await writeFile(password, CAMERA_PASSWORD, { mode: 0o600 });
    office.file = `${office.folder}/watchwall.toml`;
    await writeFile(office.file, configuration(office, http));
    office.sim = new Process([
      ...["sim", "--cameras", "3", "--listen", office.rtsp, "--control", `127.0.0.1:${control}`],
      ...["--cache", `${TARGET}scenes`, "--user", CAMERA_USER, "--password-file", password],
    ]);
    await office.sim.says(/control {2}http/);
    // Everything that is ever logged: no secret may be in it.
    office.service = new Process(["serve", "--config", office.file, "--log", "watchwall=trace"]);
    await office.service.says(/the wall is at/);
    const [, name] = await office.service.says(/name {6}(\S+)/);
    const [, first] = await office.service.says(/password {2}(\S+)/);
    office.first = { name, password: first };
    return office;
  }

  text() {
    return readFile(this.file, "utf8");
  }

  async close() {
    await this.service?.stop();
    await this.sim?.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function configuration({ folder, rtsp }, port) {
  return `# The office of the tests.
[http]
listen = "127.0.0.1:${port}"
[store]
path = "${folder}/watchwall.db"
[ingest]
allow_loopback = true
[decode]
workers = 1

[[site]]
id = "yard"
name = "Sân"

[[site]]
id = "gate"
name = "Cổng"

# At the gate.
[[camera]]
id = "gate-01"   # never changes
number = 101
name = "Cổng chính"
site = "gate"
url = "rtsp://${rtsp}/cam/001/sub"
username = "${CAMERA_USER}"
password_file = "password"

[[camera]]
id = "yard-01"
number = 102
name = "Sân trước"
site = "yard"
url = "rtsp://${rtsp}/cam/002/sub"
username = "${CAMERA_USER}"
password_file = "password"

[[wall]]
id = "main"
name = "Tường chính"
cameras = ["*"]

[[wall.screen]]
id = "left"
name = "Trái"

[[position]]
id = "desk"
name = "Bàn trực"

[[person]]
id = "lan"
name = "Lan"
`;
}
