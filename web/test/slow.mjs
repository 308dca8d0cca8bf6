// A poor link: an HTTP proxy that lets so many bits a second through in each direction, each after a
// delay, for all connections together, sockets included; and that can be cut. Loopback only.
import { createServer, request } from "node:http";
import { connect } from "node:net";

/** Shared among connections in pieces of this size, as packets are. */
const PIECE = 512;
/** A sender that is further ahead is held back, as a full window does it. */
const AHEAD = 16 * 1024;
const STEP_MS = 20;

export class SlowLink {
  #server = createServer((asked, answer) => this.#forward(asked, answer));
  #sockets = new Set();
  #ways = [];
  #cut = false;

  static async start({ bitsPerSecond = 32_000, delayMs = 150 } = {}) {
    const link = new SlowLink();
    for (const name of ["down", "up"]) link.#ways.push(new Way(name, bitsPerSecond / 8, delayMs));
    link.#server.on("connect", (asked, client, head) => link.#tunnel(asked, client, head));
    link.#server.on("connection", (socket) => link.#hold(socket));
    await new Promise((resolve) => link.#server.listen(0, "127.0.0.1", resolve));
    return link;
  }

  get proxy() {
    const { port } = this.#server.address();
    return { server: `http://127.0.0.1:${port}`, bypass: "<-loopback>" };
  }

  /** Bytes that went to the browser so far. */
  get bytesDown() {
    return this.#ways[0].total;
  }

  /** Ends every connection, and lets none begin until `mend`. */
  cut() {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend() {
    this.#cut = false;
  }

  async close() {
    this.cut();
    for (const way of this.#ways) way.end();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #hold(socket) {
    if (this.#cut) return socket.destroy();
    this.#sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #tunnel(asked, client, head) {
    const [host, port] = asked.url.split(":");
    const server = connect(Number(port), host, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      server.write(head);
      this.#ways[0].carry(server, client);
      this.#ways[1].carry(client, server);
    });
    this.#hold(server);
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
  }

  #forward(asked, answer) {
    const { method, headers } = asked;
    const on = request(asked.url, { method, headers }, (got) => {
      answer.writeHead(got.statusCode, got.headers);
      answer.flushHeaders();
      this.#ways[0].total += JSON.stringify(got.headers).length;
      this.#ways[0].carry(got, answer);
    });
    on.on("error", () => answer.destroy());
    answer.on("close", () => on.destroy());
    this.#ways[1].carry(asked, on);
  }
}

/** One direction. */
class Way {
  #lanes = [];
  #credit = 0;
  total = 0;

  constructor(name, bytesPerSecond, delayMs) {
    this.name = name;
    this.delayMs = delayMs;
    this.rate = bytesPerSecond;
    this.timer = setInterval(() => this.#step(), STEP_MS);
    this.timer.unref();
  }

  end() {
    clearInterval(this.timer);
  }

  carry(from, to) {
    const lane = { queue: [], bytes: 0, from, to, over: false };
    this.#lanes.push(lane);
    const drop = () => {
      this.#lanes = this.#lanes.filter((one) => one !== lane);
    };
    from.on("data", (data) => {
      for (let at = 0; at < data.length; at += PIECE)
        lane.queue.push(data.subarray(at, at + PIECE));
      lane.bytes += data.length;
      if (lane.bytes > AHEAD) from.pause();
    });
    from.on("end", () => {
      lane.over = true;
    });
    from.on("error", () => to.destroy());
    to.on("close", drop);
  }

  #step() {
    this.#credit = Math.min(this.#credit + (this.rate * STEP_MS) / 1000, 2 * PIECE);
    while (this.#credit > 0) {
      const lane = this.#lanes.find(({ queue, over }) => queue.length > 0 || over);
      if (lane === undefined) return;
      // Whoever was served goes to the end of the line.
      this.#lanes = [...this.#lanes.filter((one) => one !== lane), lane];
      const piece = lane.queue.shift();
      if (piece === undefined) {
        this.#lanes = this.#lanes.filter((one) => one !== lane);
        setTimeout(() => lane.to.end(), this.delayMs);
        continue;
      }
      this.#credit -= piece.length;
      this.total += piece.length;
      lane.bytes -= piece.length;
      if (lane.bytes < AHEAD / 2) lane.from.resume();
      setTimeout(() => lane.to.writable && lane.to.write(piece), this.delayMs);
    }
  }
}
