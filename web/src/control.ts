//! The control socket: state and changes as text. Opens and closes what `connection` decides.

import { ask } from "./api";
import { CONTROL, Link } from "./connection";
import { parse, type ServerMessage } from "./wire/messages";

/** Signed out, or rights were removed. */
const SIGNED_OUT = 4001;

export interface ControlListener {
  /** It is open; what it told before may be out of date. */
  opened(): void;
  message(message: ServerMessage): void;
  /** It ended, with this code if the service closed it. */
  ended(code: number | null): void;
}

export class ControlSocket {
  private readonly link: Link;
  private socket: WebSocket | null = null;

  constructor(
    private readonly origin: string,
    private readonly listener: ControlListener,
    private readonly now: () => number,
    /** Who one is and what one wishes for, as `?person=…`. */
    private readonly query = "",
  ) {
    this.link = new Link(now(), CONTROL);
  }

  get isOpen(): boolean {
    return this.link.phase === "open";
  }

  /** Called a few times a second. */
  tick(): void {
    const next = this.link.next(this.now());
    if (next === "open") this.open();
    if (next === "give-up") this.end(null);
  }

  send(message: string): void {
    if (this.isOpen) this.socket?.send(message);
  }

  private open(): void {
    const socket = new WebSocket(`${this.origin}/api/v1/control${this.query}`, "watchwall.v1");
    let opened = false;
    this.socket = socket;
    this.link.opening(this.now());
    socket.onopen = () => {
      if (this.socket !== socket) return;
      opened = true;
      this.link.opened(this.now());
      this.listener.opened();
    };
    socket.onclose = ({ code }) => {
      if (this.socket !== socket) return;
      // Browsers do not tell why a socket was refused; a call does, and leads to the sign-in page.
      if (!opened || code === SIGNED_OUT) void ask("session", () => null);
      this.end(code);
    };
    socket.onmessage = (event) => {
      if (this.socket !== socket || typeof event.data !== "string") return;
      const message = parse(event.data);
      if (message.type === "hello" || message.type === "heartbeat") this.link.heard(this.now());
      this.listener.message(message);
      // `reset` asks for a fresh list, and a new connection brings one.
      if (message.type === "reset") this.end(null);
    };
  }

  private end(code: number | null): void {
    this.socket?.close();
    this.socket = null;
    this.link.closed(this.now(), Math.random());
    this.listener.ended(code);
  }
}
