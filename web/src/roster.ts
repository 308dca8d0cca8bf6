//! The cameras and the wall's cells as the service last told them. A camera that leaves the list
//! leaves nothing behind: `apply` says which did.

import type { WallScreen } from "./wire/fields";
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
  private marks: readonly boolean[] = [];
  private parted = "grid";

  constructor(
    readonly wallId: string,
    /** The screen of the wall that this is; without one, or with one that is not there, all of it. */
    private readonly screenId: string | null = null,
  ) {}

  /** Cameras in reading order. On a screen of a wall "" is an empty cell, and one may be there twice. */
  get cells(): readonly string[] {
    return this.shown;
  }

  /** How the cells are laid out. */
  get layout(): string {
    return this.parted;
  }

  get revision(): number {
    return this.wall?.revision ?? 0;
  }

  /** Whether an alert has taken this cell, or its camera has one. */
  alerted(index: number): boolean {
    return this.marks[index] ?? false;
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
    return this.screen === undefined && this.shown.length === this.cameras.size;
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

  private get screen(): WallScreen | undefined {
    if (this.screenId === null) return undefined;
    return this.wall?.screens?.find(({ id }) => id === this.screenId);
  }

  /** Turns handles into cameras; says whether that changed anything. */
  private lay(): boolean {
    const { screen } = this;
    const handles = this.wall?.cells ?? [];
    const cells = screen?.cells ?? [];
    const next =
      screen === undefined
        ? [...new Set(handles.flatMap((handle) => this.handles.get(handle) ?? []))]
        : cells.map(({ camera }) => (camera === null ? "" : (this.handles.get(camera) ?? "")));
    const marks = cells.map(({ alert }) => alert !== null);
    const layout = screen?.layout ?? "grid";
    const same = layout === this.parted && alike(next, this.shown) && alike(marks, this.marks);
    if (!same) [this.shown, this.marks, this.parted] = [next, marks, layout];
    return !same;
  }
}

function alike<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
