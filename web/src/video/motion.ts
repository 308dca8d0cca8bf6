//! The page's live video: a player for each camera that is to play, the newest picture of each, and
//! what there is to say of a camera that should play and does not. Which cameras play is decided
//! elsewhere, and so is when to draw.

import type { Header } from "../wire/header";
import { readConfiguration, type VideoNotice, type VideoWhy } from "../wire/video";
import type { Way } from "./choose";
import type {
  MotionPicture,
  Place,
  Player,
  Stream,
  VideoConfiguration,
  VideoFault,
} from "./player";

/** A picture older than this is no motion: the tile with its age is the better truth then. */
export const FRESH_MS = 1000;
/** … or than so many usual intervals, for cameras that send a frame or two a second. */
const FRESH_INTERVALS = 3;
const FRESH_MAX_MS = 4000;

/** What a camera that should play does. `still`: it shows its tiles, and `why`. */
export type Playing =
  | { readonly state: "moving"; readonly stream: Stream }
  | { readonly state: "still"; readonly why: VideoFault | VideoWhy };

interface Lane {
  readonly player: Player;
  configuration: VideoConfiguration | null;
  fault: VideoFault | null;
  notice: VideoNotice | null;
  newest: MotionPicture | null;
  /** When the newest picture came, on the page's clock. */
  shownAtMs: number;
  intervalMs: number;
  place: Place | null;
  /** Pictures belong to this connection: a new one begins with a configuration. */
  connection: number;
}

export class Motion {
  /** Pictures and units that came, and those that were left out here, since the page began. */
  pictures = 0;
  dropped = 0;
  units = 0;
  private freshestMs: number | null = null;
  private readonly lanes = new Map<string, Lane>();
  /** The last picture of each camera that plays no more, until its tile is there to be drawn. */
  private readonly parting = new Map<string, MotionPicture>();

  constructor(
    private readonly way: Way,
    private readonly now: () => number,
    private readonly serverNow: () => number | null,
    /** Told when a camera has another picture to draw. */
    private readonly changed: (id: string) => void,
  ) {}

  /** Just these cameras play from now on. */
  play(ids: ReadonlySet<string>): void {
    for (const [id, lane] of this.lanes) {
      if (ids.has(id)) continue;
      lane.player.close();
      this.lanes.delete(id);
      this.parted(id);
      if (lane.newest !== null) this.parting.set(id, lane.newest);
      this.changed(id);
    }
    for (const id of ids) if (!this.lanes.has(id)) this.open(id);
  }

  /** A configuration or an access unit came; of a camera that does not play any more it is late. */
  take(id: string, header: Header, payload: Uint8Array<ArrayBuffer>, connection: number): void {
    const lane = this.lanes.get(id);
    if (lane === undefined) return;
    if (header.kind === "video-configuration") {
      const configuration = readConfiguration(payload);
      if (configuration === undefined) return;
      lane.connection = connection;
      lane.configuration = configuration;
      lane.fault = null;
      lane.player.configure(configuration);
    } else if (lane.connection === connection) {
      this.units += 1;
      const ageMs = Math.max(0, (this.serverNow() ?? 0) - header.receivedAtMs);
      if (!header.notLive) this.freshestMs = Math.min(this.freshestMs ?? ageMs, ageMs);
      lane.player.unit(header, payload);
    }
  }

  /** Age of the freshest unit since the last call: what all of them are late by, at least. */
  lag(): number {
    const lagMs = this.freshestMs ?? 0;
    this.freshestMs = null;
    return lagMs;
  }

  /** The service says what a lane carries. */
  notice(notice: VideoNotice): void {
    const lane = this.lanes.get(notice.camera);
    if (lane !== undefined) lane.notice = notice;
  }

  /** The picture to draw, if the camera is in motion. */
  picture(id: string): MotionPicture | null {
    const lane = this.lanes.get(id);
    return lane !== undefined && this.isFresh(lane) ? lane.newest : null;
  }

  /** What a camera showed last, while its tile is being decoded. */
  last(id: string): MotionPicture | null {
    return this.lanes.get(id)?.newest ?? this.parting.get(id) ?? null;
  }

  /** Its tile is there: the last picture of its video is not needed any more. */
  parted(id: string): void {
    this.parting.get(id)?.close();
    this.parting.delete(id);
  }

  /** Where a camera's pictures are shown. */
  fit(id: string, place: Place | null): void {
    const lane = this.lanes.get(id);
    if (lane === undefined) return;
    const same = lane.place?.width === place?.width && lane.place?.height === place?.height;
    if (!same) lane.player.fit?.(place);
    lane.place = place;
  }

  /** What a camera does; `null` for one that is not to play. */
  playing(id: string): Playing | null {
    const lane = this.lanes.get(id);
    if (lane === undefined) return null;
    if (this.isFresh(lane)) {
      return { state: "moving", stream: lane.configuration?.stream ?? "sub" };
    }
    const { fault, notice } = lane;
    if (fault !== null) return { state: "still", why: fault };
    return { state: "still", why: notice?.stream === "tile" ? notice.why : "starting" };
  }

  configuration(id: string): VideoConfiguration | null {
    return this.lanes.get(id)?.configuration ?? null;
  }

  /** Cameras whose codec this browser has not. */
  get unsupported(): readonly string[] {
    return [...this.lanes].flatMap(([id, { fault }]) => (fault === "unsupported" ? [id] : []));
  }

  /** Cameras in motion now. */
  get moving(): number {
    let moving = 0;
    for (const lane of this.lanes.values()) if (this.isFresh(lane)) moving += 1;
    return moving;
  }

  private open(id: string): void {
    if (this.way.open === null) return;
    const player = this.way.open({
      picture: (picture) => this.show(id, player, picture),
      fault: (why) => {
        const lane = this.lanes.get(id);
        if (lane?.player !== player) return;
        lane.fault = why;
        this.changed(id);
      },
      dropped: (count) => {
        this.dropped += count;
      },
    });
    this.lanes.set(id, {
      player,
      configuration: null,
      fault: null,
      notice: null,
      newest: null,
      shownAtMs: Number.NEGATIVE_INFINITY,
      intervalMs: 0,
      place: null,
      connection: -1,
    });
  }

  private show(id: string, player: Player, picture: MotionPicture): void {
    const lane = this.lanes.get(id);
    if (lane?.player !== player) {
      picture.close();
      return;
    }
    const now = this.now();
    const gapMs = now - lane.shownAtMs;
    if (gapMs < FRESH_MAX_MS) lane.intervalMs += (gapMs - lane.intervalMs) / 8;
    lane.newest?.close();
    lane.newest = picture;
    this.parted(id);
    lane.shownAtMs = now;
    this.pictures += 1;
    this.changed(id);
  }

  private isFresh(lane: Lane): boolean {
    const limit = Math.min(FRESH_MAX_MS, Math.max(FRESH_MS, FRESH_INTERVALS * lane.intervalMs));
    return lane.newest !== null && this.now() - lane.shownAtMs <= limit;
  }
}
