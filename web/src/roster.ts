//! The cameras and the wall's cells as the service last told them. A camera that leaves the list
//! leaves nothing behind: `apply` says which did.

import { type Camera, completeCamera, type ServerMessage, type Wall } from "./wire/messages";

export interface Effect {
  /** The cells are other ones than before. */
  readonly cells: boolean;
  /** Cameras that are gone, by id. */
  readonly gone: readonly string[];
}

const NOTHING: Effect = { cells: false, gone: [] };

export class Roster {
  private cameras = new Map<string, Camera>();
  private handles = new Map<number, string>();
  private wall: Wall | null = null;
  private shown: readonly string[] = [];

  constructor(readonly wallId: string) {}

  /** Cameras of the wall in reading order. */
  get cells(): readonly string[] {
    return this.shown;
  }

  get wallName(): string | null {
    return this.wall?.name ?? null;
  }

  /** Whether the service told which cameras this wall shows. */
  get hasWall(): boolean {
    return this.wall !== null;
  }

  /** Whether the wall shows every camera there is. */
  get showsAll(): boolean {
    return this.shown.length === this.cameras.size;
  }

  camera(id: string): Camera | undefined {
    return this.cameras.get(id);
  }

  idOf(handle: number): string | undefined {
    return this.handles.get(handle);
  }

  apply(message: ServerMessage): Effect {
    switch (message.type) {
      case "cameras":
        return this.replace(message.cameras);
      case "camera":
        return this.change(message.id, message.change);
      case "wall":
        return message.wall.id === this.wallId ? this.show(message.wall) : NOTHING;
      default:
        return NOTHING;
    }
  }

  /**
   * A wall as the service tells it. It keeps a name that an update leaves out. An older revision
   * is refused: the answer of a GET may be overtaken by a message.
   */
  show(wall: Wall): Effect {
    const known = this.wall;
    if (known !== null && wall.revision < known.revision) return NOTHING;
    this.wall = { ...wall, name: wall.name ?? known?.name ?? null };
    return { cells: this.lay(), gone: [] };
  }

  /** A new connection: revisions may begin again. What was shown stays until told otherwise. */
  reconnected(): void {
    if (this.wall !== null) this.wall = { ...this.wall, revision: 0 };
  }

  private replace(cameras: readonly Camera[]): Effect {
    const before = this.cameras;
    this.cameras = new Map(cameras.map((camera) => [camera.id, camera]));
    this.handles = new Map(cameras.map((camera) => [camera.handle, camera.id]));
    const gone = [...before.keys()].filter((id) => !this.cameras.has(id));
    return { cells: this.lay(), gone };
  }

  private change(id: string, fields: Partial<Camera>): Effect {
    const known = this.cameras.get(id);
    const camera = known === undefined ? completeCamera(fields) : { ...known, ...fields };
    if (camera === undefined) return NOTHING;
    if (known !== undefined && known.handle !== camera.handle) this.handles.delete(known.handle);
    this.cameras.set(id, camera);
    this.handles.set(camera.handle, id);
    return { cells: this.lay(), gone: [] };
  }

  /** Turns handles into cameras; says whether that changed anything. */
  private lay(): boolean {
    const cells = this.wall?.cells ?? [];
    const next = [...new Set(cells.flatMap((handle) => this.handles.get(handle) ?? []))];
    const same = next.length === this.shown.length && next.every((id, i) => id === this.shown[i]);
    if (!same) this.shown = next;
    return !same;
  }
}
