// The stand-in's walls: screens, presets, and the commands that consoles give them.

/** Cells of a layout. */
function cellsIn(layout, cameras) {
  const sides = /^(\d+)x(\d+)$/.exec(layout);
  if (sides !== null) return Number(sides[1]) * Number(sides[2]);
  return { "1+5": 6, "1+7": 8 }[layout] ?? cameras;
}

const THREE = [
  ["left", "Trái", 0, "4x4"],
  ["middle", "Giữa", 1, "1+5"],
  ["right", "Phải", 2, "3x3"],
];

/** One wall; `tell` sends a message to every control socket. */
export class WallStand {
  #base = new Map();
  #requests = [];
  #past = [];

  constructor(list, tell, { screens = false } = {}) {
    this.list = list;
    this.tell = tell;
    /** What was ordered, for tests. */
    this.commands = this.#requests;
    const empty = { why: "base", pinned: false, by: null, alert: null, until: null };
    let next = 0;
    const shapes = screens ? THREE : [["all", "", 0, "grid"]];
    this.wall = {
      id: "main",
      name: "Tường LED",
      revision: 1,
      layout: "grid",
      cells: [],
      screens: shapes.map(([id, name, column, layout]) => {
        const cells = Array.from({ length: cellsIn(layout, list.length) }, () => {
          next += 1;
          return { camera: list[next - 1]?.view.handle ?? null, ...empty };
        });
        return { id, name, column, row: 0, layout, cells };
      }),
      presets: [
        { id: "night", name: "Ban đêm" },
        { id: "exam", name: "Kỳ thi" },
      ],
      preset: null,
      blocked: [],
    };
    for (const { id, layout, cells } of this.wall.screens) {
      this.#base.set(id, structuredClone({ layout, cells }));
    }
    this.#cells();
    this.#note("started", null, {});
  }

  /** Answers a call, or `undefined` if it is none of these: [status, type, body]. */
  answer(method, { pathname, searchParams }, body, person) {
    const json = (value, status = 200) => [status, "application/json", JSON.stringify(value)];
    if (pathname === "/api/v1/walls") return json([this.wall]);
    if (pathname === "/api/v1/walls/main") return json(this.wall);
    if (pathname === "/api/v1/walls/main/history") {
      const known = this.#history(searchParams);
      return known === null ? [404, "application/problem+json", "{}"] : json(known);
    }
    if (pathname !== "/api/v1/walls/main/commands" || method !== "POST") return undefined;
    const command = JSON.parse(body);
    this.#requests.push(command);
    const refused = this.#apply(command, person ?? "anonymous");
    if (refused !== null) {
      const [status, detail] = refused;
      const problem = JSON.stringify({ title: "no", detail });
      return [status, "application/problem+json", problem];
    }
    this.wall.revision += 1;
    this.#cells();
    const { command: what, ...detail } = command;
    this.#note(what, person ?? "anonymous", detail);
    this.tell({ type: "wall", ...this.wall });
    return json(this.wall);
  }

  #note(what, by, detail) {
    const { revision } = this.wall;
    const at = Date.now() * 1000;
    this.#past.push({ revision, at, by, what, detail, wall: structuredClone(this.wall) });
  }

  /** What it showed at a moment, or what changed. */
  #history(asked) {
    const time = (name, otherwise) => Number(asked.get(name) ?? otherwise);
    if (!asked.has("at")) {
      const [from, to] = [time("from", 0), time("to", Number.MAX_SAFE_INTEGER)];
      const within = this.#past.filter(({ at }) => at >= from && at < to);
      const limit = time("limit", 100);
      const changes = within.slice(0, limit).map(({ wall: _, ...change }) => change);
      return { changes, more: within.length > limit };
    }
    const index = this.#past.findLastIndex(({ at }) => at <= time("at", 0));
    const found = this.#past[index];
    if (found === undefined) return null;
    const { revision, at: since, wall } = found;
    const until = this.#past[index + 1]?.at ?? null;
    return { at: time("at", 0), wall, gone: [], revision, since, until };
  }

  #apply(command, by) {
    const { screens } = this.wall;
    const screen = screens.find(({ id }) => id === command.screen);
    const handle = (id) => this.list.find(({ view }) => view.id === id)?.view.handle;
    const cell = screen?.cells[command.cell];
    const placed = command.screen !== undefined && command.cell !== undefined;
    if (command.screen !== undefined && screen === undefined) {
      return [404, `The wall has no screen ${command.screen}.`];
    }
    if (placed && cell === undefined) return [404, `The screen has no cell ${command.cell}.`];
    const now = { why: "person", pinned: false, by, alert: null, until: null };
    switch (command.command) {
      case "show": {
        const camera = handle(command.camera);
        if (camera === undefined) return [404, `There is no camera ${command.camera}.`];
        const among = screen === undefined ? screens.flatMap(({ cells }) => cells) : screen.cells;
        const there = among.find((one) => one.camera === null) ?? among.find((one) => !one.pinned);
        const target = cell ?? there;
        if (target === undefined || (cell?.pinned ?? false)) return [409, "The cell is pinned."];
        Object.assign(target, now, { camera, pinned: command.pin === true });
        return null;
      }
      case "clear":
        Object.assign(
          cell,
          this.#base.get(screen.id).cells[command.cell] ?? { ...now, camera: null },
        );
        return null;
      case "pin":
      case "unpin":
        cell.pinned = command.command === "pin";
        return null;
      case "swap": {
        const at = ({ screen: id, cell }) => screens.find((one) => one.id === id)?.cells[cell];
        const [from, to] = [at(command.from), at(command.to)];
        if (from === undefined || to === undefined) return [404, "There is no such cell."];
        if (from.pinned || to.pinned) return [409, "The cell is pinned."];
        const kept = structuredClone(from);
        Object.assign(from, to);
        Object.assign(to, kept);
        return null;
      }
      case "layout": {
        const count = cellsIn(command.layout, this.list.length);
        screen.layout = command.layout;
        screen.cells = Array.from({ length: count }, (_, at) => {
          return screen.cells[at] ?? { ...now, why: "base", by: null, camera: null };
        });
        return null;
      }
      case "tour": {
        if (cell.pinned) return [409, "The cell is pinned."];
        Object.assign(cell, now, { camera: handle(command.cameras[0]) ?? null, why: "tour" });
        return null;
      }
      case "preset":
        if (!this.wall.presets.some(({ id }) => id === command.preset))
          return [404, `There is no preset ${command.preset}.`];
        this.wall.preset = command.preset;
        for (const one of screens) for (const each of one.cells) each.why = "preset";
        return null;
      case "fill":
        command.cameras.forEach((id, at) => {
          const target = screen.cells[at];
          if (target?.pinned === false) Object.assign(target, now, { camera: handle(id) ?? null });
        });
        return null;
      case "keep":
        this.wall.presets = this.wall.presets.filter(({ id }) => id !== command.id);
        this.wall.presets.push({ id: command.id, name: command.name });
        return null;
      case "reset":
        for (const one of screens) Object.assign(one, structuredClone(this.#base.get(one.id)));
        this.wall.preset = null;
        return null;
      default:
        return [422, `There is no command ${command.command}.`];
    }
  }

  /** All cameras that are shown, each once. */
  #cells() {
    const all = this.wall.screens.flatMap(({ cells }) => cells.map(({ camera }) => camera));
    this.wall.cells = [...new Set(all.filter((camera) => camera !== null))];
  }
}
