//! The pictures of the wall: decoded in parallel, at most one at a time per tile, the newest wins.
//! Only tiles in sight hold a decoded picture, each at most one, closed as soon as it is replaced. A
//! tile that is covered by live video is not decoded, but ready to be as soon as that stops.

import type { Jpeg } from "./decode";
import { Freshness } from "./freshness";
import type { Header } from "./wire/header";

/** Turns a JPEG into something a canvas draws; a seam for tests. */
export type Decode<Bitmap> = (jpeg: Jpeg) => Promise<Bitmap>;

export interface Shown<Bitmap> {
  readonly bitmap: Bitmap;
  readonly header: Header;
}

interface Arrival {
  readonly header: Header;
  readonly jpeg: Jpeg;
  readonly connection: number;
  readonly serverNowMs: number | null;
  readonly nowMs: number;
}

interface Tile<Bitmap> {
  readonly freshness: Freshness;
  newest: Arrival | null;
  shown: Shown<Bitmap> | null;
  decoding: boolean;
  /** The newest arrival was tried: decoded, or found broken. */
  tried: boolean;
  inSight: boolean;
  /** Live video was shown instead when the newest one came. */
  covered: boolean;
}

export class Pictures<Bitmap extends { close(): void }> {
  /** Pictures that could not be decoded since the page began. */
  broken = 0;
  private readonly tiles = new Map<string, Tile<Bitmap>>();

  constructor(
    private readonly decode: Decode<Bitmap>,
    /** Told when a tile has another picture to draw. */
    private readonly changed: (id: string) => void,
    /** Whether something newer is shown in the tile's place. */
    private readonly isCovered: (id: string) => boolean = () => false,
  ) {}

  /** Tiles of these cameras can be seen; the others give their decoded pictures back. */
  sight(ids: ReadonlySet<string>): void {
    for (const id of ids) this.tile(id).inSight = true;
    for (const [id, tile] of this.tiles) {
      tile.inSight = ids.has(id);
      if (tile.inSight) this.start(id, tile);
      else drop(tile);
    }
  }

  /** A tile came in. */
  arrive(
    id: string,
    header: Header,
    jpeg: Jpeg,
    connection: number,
    nowMs: number,
    serverNowMs: number | null,
  ): void {
    const tile = this.tile(id);
    tile.newest = { header, jpeg, connection, nowMs, serverNowMs };
    tile.tried = false;
    tile.covered = tile.inSight && this.isCovered(id);
    if (tile.inSight && !tile.covered) {
      this.start(id, tile);
      return;
    }
    // What cannot be seen is not decoded; its arrival is all the progress there is.
    tile.freshness.advance(nowMs, header, serverNowMs, connection);
    if (tile.covered) drop(tile);
  }

  /** Nothing covers the tile now: its newest picture is needed. */
  uncover(id: string): void {
    const tile = this.tiles.get(id);
    if (tile?.covered === true && tile.inSight) this.start(id, tile);
  }

  freshness(id: string): Freshness | undefined {
    return this.tiles.get(id)?.freshness;
  }

  shown(id: string): Shown<Bitmap> | null {
    return this.tiles.get(id)?.shown ?? null;
  }

  /** The header of the newest picture that a tile shows, or would show if it could be seen. */
  header(id: string): Header | null {
    const tile = this.tiles.get(id);
    if (tile === undefined) return null;
    const unseen = !tile.inSight || tile.covered;
    return tile.shown?.header ?? (unseen ? (tile.newest?.header ?? null) : null);
  }

  /** When that was received by the service, Unix milliseconds. */
  receivedAtMs(id: string): number | null {
    return this.header(id)?.receivedAtMs ?? null;
  }

  /** Forgets a camera that is gone. */
  forget(id: string): void {
    const tile = this.tiles.get(id);
    if (tile === undefined) return;
    drop(tile);
    this.tiles.delete(id);
  }

  get size(): number {
    return this.tiles.size;
  }

  private tile(id: string): Tile<Bitmap> {
    const known = this.tiles.get(id);
    if (known !== undefined) return known;
    const tile = {
      freshness: new Freshness(),
      newest: null,
      shown: null,
      decoding: false,
      tried: true,
      inSight: false,
      covered: false,
    };
    this.tiles.set(id, tile);
    return tile;
  }

  private start(id: string, tile: Tile<Bitmap>): void {
    const arrival = tile.newest;
    if (arrival === null || tile.decoding || tile.tried) return;
    tile.decoding = true;
    tile.tried = true;
    this.decode(arrival.jpeg).then(
      (bitmap) => this.decoded(id, tile, arrival, bitmap),
      () => {
        this.broken += 1;
        this.finished(id, tile);
      },
    );
  }

  private decoded(id: string, tile: Tile<Bitmap>, arrival: Arrival, bitmap: Bitmap): void {
    const { header, connection, nowMs, serverNowMs } = arrival;
    // The camera may have gone, or scrolled out of sight, while its picture was being decoded.
    if (this.tiles.get(id) !== tile || !tile.inSight) {
      bitmap.close();
    } else {
      // A picture that this screen cannot show is no progress: hence here, not on arrival.
      const news = tile.freshness.advance(nowMs, header, serverNowMs, connection);
      if (news || tile.shown === null) {
        tile.shown?.bitmap.close();
        tile.shown = { bitmap, header };
        tile.covered = false;
        this.changed(id);
      } else {
        bitmap.close();
      }
    }
    this.finished(id, tile);
  }

  private finished(id: string, tile: Tile<Bitmap>): void {
    tile.decoding = false;
    if (this.tiles.get(id) === tile && tile.inSight) this.start(id, tile);
  }
}

function drop<Bitmap extends { close(): void }>(tile: Tile<Bitmap>): void {
  tile.shown?.bitmap.close();
  tile.shown = null;
  // In sight again, the newest picture is decoded again.
  tile.tried = tile.newest === null;
}
