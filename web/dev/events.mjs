// The stand-in's records that operators write: log entries and bookmarks.
import { micros } from "./health.mjs";

const KINDS = new Set(["operator-log", "bookmark"]);

export class EventStand {
  /** As they were told, the oldest first. */
  told = [];

  constructor(list) {
    this.list = list;
  }

  /** Answers a call, or `undefined` if it is none of these: [status, type, body]. */
  answer(method, url, body) {
    const json = (value, status = 200) => [status, "application/json", JSON.stringify(value)];
    const path = url.pathname.replace("/api/v1/", "");
    if (path === "events" && method === "POST") {
      const event = JSON.parse(body);
      const known = this.told.find(({ key }) => key === event.key);
      if (known !== undefined) return json({ id: known.id, alert: null });
      this.told.push({ ...event, id: `e${this.told.length}`, at: micros() });
      return json({ id: this.told.at(-1).id, alert: null }, 201);
    }
    const kind = url.searchParams.get("kind");
    if (path !== "records" || !KINDS.has(kind)) return undefined;
    const own = this.told.filter((one) => one.kind === kind).reverse();
    return json({ records: own.map((one) => this.#record(one)), more: false });
  }

  #record({ id, at, kind, system, camera, text }) {
    const view = this.list.find((one) => one.view.id === camera)?.view;
    const where = { number: view?.number ?? null, name: view?.name ?? null, site: null };
    return { id, at, kind, source: system, camera: camera ?? null, where, text, alert: null };
  }
}
