//! All cameras and sites as the control socket tells them.

import { Sites } from "../sites";
import { type Camera, completeCamera, type ServerMessage } from "../wire/messages";

export class Census {
  private readonly known = new Map<string, Camera>();
  readonly sites = new Sites();
  /** The list was told at least once. */
  listed = false;

  get cameras(): Iterable<Camera> {
    return this.known.values();
  }

  get size(): number {
    return this.known.size;
  }

  camera(id: string): Camera | undefined {
    return this.known.get(id);
  }

  /** Says whether that changed anything. */
  apply(message: ServerMessage): boolean {
    switch (message.type) {
      case "cameras":
        this.known.clear();
        for (const camera of message.cameras) this.known.set(camera.id, camera);
        this.listed = true;
        return true;
      case "camera": {
        const before = this.known.get(message.id);
        const camera =
          before === undefined ? completeCamera(message.change) : { ...before, ...message.change };
        if (camera !== undefined) this.known.set(camera.id, camera);
        return camera !== undefined;
      }
      case "sites":
        this.sites.take(message.sites);
        return true;
      default:
        return false;
    }
  }

  /** Every tag that a camera has, in order. */
  get tags(): readonly string[] {
    return [...new Set([...this.known.values()].flatMap(({ tags }) => tags))].sort();
  }
}
