//! The two sockets. Opens and closes what `connection` decides; reads messages into types.
//!
//! The media socket lives inside the control socket's life: handles have a meaning only together
//! with the camera list of the service that is running now, so tiles are taken only after that list
//! came, and no longer than the connection that it came on.

import { Link, MEDIA } from "./connection";
import { ControlSocket } from "./control";
import type { Jpeg } from "./decode";
import type { Stream } from "./video/player";
import { decode, type Header } from "./wire/header";
import { parse, type ServerMessage, type VideoNotice } from "./wire/messages";

export interface Listener {
  control(message: ServerMessage): void;
  /** The control socket is open; what it told before may be out of date. */
  reconnected(): void;
  /** `connection` tells one media socket from the next. */
  tile(header: Header, jpeg: Jpeg, connection: number): void;
  /** An access unit or a configuration of live video came. */
  video(header: Header, payload: Uint8Array<ArrayBuffer>, connection: number): void;
  /** What a camera's lane carries has changed. */
  lane(notice: VideoNotice): void;
  /** The service refused something, in its own words. */
  problem(title: string): void;
  /** The media socket is open and waits for a subscription. */
  subscribable(): void;
}

/** Tiles of these cameras, at this width; `high` more often than keyframes come. */
export interface TileWish {
  readonly cameras: readonly string[];
  readonly width: number;
  readonly rate?: "high";
}

/** A camera's live video. */
export interface VideoWish {
  readonly camera: string;
  readonly stream: Stream;
}

export class Sockets {
  private readonly control: ControlSocket;
  private readonly media: Link;
  private mediaSocket: WebSocket | null = null;
  private listed = false;
  private received = 0;
  private connection = 0;
  private closedWith: number | null = null;

  constructor(
    private readonly origin: string,
    private readonly listener: Listener,
    private readonly now: () => number,
    /** Who one is, as `?person=…`. */
    query = "",
  ) {
    this.control = new ControlSocket(
      origin,
      {
        opened: () => listener.reconnected(),
        message: (message) => this.take(message),
        ended: (code) => this.endControl(code),
      },
      now,
      query,
    );
    this.media = new Link(now(), MEDIA);
  }

  /** Both are open. */
  get up(): boolean {
    return this.control.isOpen && this.media.phase === "open";
  }

  /** The code that the service last closed a socket with; `null` once both are open again. */
  get closeCode(): number | null {
    return this.closedWith;
  }

  /** Called a few times a second. */
  tick(): void {
    this.control.tick();
    const media = this.media.next(this.now());
    if (media === "open" && this.listed) this.openMedia();
    if (media === "give-up") this.endMedia();
  }

  /** Once a second: how many media bytes came through, so that the service can pace itself. */
  reportProgress(): void {
    if (this.media.phase !== "open") return;
    this.mediaSocket?.send(JSON.stringify({ type: "progress", received: this.received }));
  }

  sendControl(message: string): void {
    this.control.send(message);
  }

  /** Replaces what is wished for; `video` with the most important camera first. */
  subscribe(tiles: readonly TileWish[], video: readonly VideoWish[]): void {
    if (this.media.phase !== "open") return;
    this.mediaSocket?.send(JSON.stringify({ type: "subscribe", tiles, video }));
  }

  private take(message: ServerMessage): void {
    if (message.type === "error") this.listener.problem(message.title);
    this.listener.control(message);
    // Only now do handles mean something.
    if (message.type === "cameras") this.listed = true;
    if (message.type !== "reset") this.tick();
  }

  private openMedia(): void {
    const socket = new WebSocket(`${this.origin}/api/v1/media`, "watchwall.media.v1");
    socket.binaryType = "arraybuffer";
    this.mediaSocket = socket;
    this.received = 0;
    this.connection += 1;
    const connection = this.connection;
    this.media.opening(this.now());
    socket.onopen = () => {
      if (this.mediaSocket !== socket) return;
      this.media.opened(this.now());
      this.closedWith = null;
      this.listener.subscribable();
    };
    socket.onclose = ({ code }) => {
      if (this.mediaSocket !== socket) return;
      this.note(code);
      this.endMedia();
    };
    socket.onmessage = (event) => {
      if (this.mediaSocket !== socket) return;
      if (typeof event.data === "string") {
        const message = parse(event.data);
        if (message.type === "error") this.listener.problem(message.title);
        if (message.type === "video") this.listener.lane(message.notice);
        return;
      }
      if (!(event.data instanceof ArrayBuffer)) return;
      this.media.heard(this.now());
      this.received += event.data.byteLength;
      const message = decode(event.data);
      if (!message.ok) return;
      const { header, payload } = message;
      if (header.kind === "tile") this.listener.tile(header, payload, connection);
      else this.listener.video(header, payload, connection);
    };
  }

  /** A connection that is lost without a word (1006) takes nothing back of what was said before. */
  private note(code: number): void {
    if (code >= 4000) this.closedWith = code;
  }

  private endControl(code: number | null): void {
    if (code !== null) this.note(code);
    this.listed = false;
    if (this.media.phase !== "waiting") this.endMedia();
  }

  private endMedia(): void {
    this.mediaSocket?.close();
    this.mediaSocket = null;
    this.media.closed(this.now(), Math.random());
  }
}
