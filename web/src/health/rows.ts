//! The list's rows: of a thousand cameras only those in sight are in the document. One row is the
//! active one, which arrow keys move; it stays with its camera while the list changes around it.

import { Badge } from "../badge";
import { element } from "../dom";
import type { Theme } from "../draw/theme";
import type { Words } from "../i18n";
import { tell, write } from "../page";
import type { Camera } from "../wire/messages";
import type { RowFace } from "./rowface";

/** Rows beyond the edge, so that a scroll shows no gap before the next frame. */
const BEYOND = 6;

export interface RowSource {
  face(camera: Camera): RowFace;
  link(camera: Camera): string;
}

interface Row {
  readonly element: HTMLElement;
  readonly badge: Badge;
  readonly state: HTMLElement;
  readonly number: HTMLElement;
  readonly name: HTMLAnchorElement;
  readonly site: HTMLElement;
  readonly conditions: HTMLElement;
  readonly since: HTMLElement;
  readonly evidence: HTMLElement;
}

export class Rows {
  private list: readonly Camera[] = [];
  private readonly pool: Row[] = [];
  private readonly space = element("div", { class: "space", role: "rowgroup" });
  private height = 40;
  private active: string | null = null;
  private asked = false;

  constructor(
    /** Scrolls; has the focus. */
    private readonly box: HTMLElement,
    private readonly source: RowSource,
    private readonly theme: Theme,
    private readonly words: Words,
  ) {
    box.append(this.space);
    box.addEventListener("scroll", () => this.ask(), { passive: true });
    box.addEventListener("keydown", (event) => this.key(event));
    this.space.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.measure()).observe(box);
  }

  /** Other cameras, another order, or other words. */
  show(list: readonly Camera[]): void {
    this.list = list;
    this.space.style.height = `${list.length * this.height}px`;
    this.box.setAttribute("aria-rowcount", String(list.length + 1));
    this.ask();
  }

  /** Ages go on. */
  refresh(): void {
    this.ask();
  }

  toTop(): void {
    this.box.scrollTop = 0;
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  private measure(): void {
    const probe = this.row(0);
    probe.element.hidden = false;
    const { offsetHeight } = probe.element;
    if (offsetHeight > 0) this.height = offsetHeight;
    this.show(this.list);
  }

  private draw(): void {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.height) - BEYOND);
    const fitting = Math.ceil(this.box.clientHeight / this.height) + 2 * BEYOND;
    const count = Math.max(0, Math.min(fitting, this.list.length - first));
    for (let at = 0; at < Math.max(count, this.pool.length); at += 1) {
      const camera = at < count ? this.list[first + at] : undefined;
      this.fill(this.row(at), camera, first + at);
    }
    const marked =
      this.active !== null && this.pool.some((row) => row.element.ariaSelected === "true");
    if (marked) this.box.setAttribute("aria-activedescendant", `row-${this.active}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  private fill(row: Row, camera: Camera | undefined, index: number): void {
    const { element: box } = row;
    if (box.hidden !== (camera === undefined)) box.hidden = camera === undefined;
    if (camera === undefined) {
      box.ariaSelected = "false";
      box.removeAttribute("id");
      return;
    }
    const face = this.source.face(camera);
    box.id = `row-${camera.id}`;
    box.style.transform = `translateY(${index * this.height}px)`;
    box.setAttribute("aria-rowindex", String(index + 2));
    box.ariaSelected = String(camera.id === this.active);
    box.dataset.camera = camera.id;
    box.dataset.tone = face.tone;
    box.dataset.state = camera.state;
    row.badge.show(face.sign, this.colour(face));
    write(row.state, face.state);
    write(row.number, String(camera.number));
    write(row.name, camera.name);
    const href = this.source.link(camera);
    if (row.name.getAttribute("href") !== href) row.name.href = href;
    write(row.site, face.site);
    write(row.conditions, face.conditions);
    write(row.since, face.since);
    row.evidence.title = tell(row.evidence, face.evidence, this.words).textContent;
  }

  private colour({ tone }: RowFace): string {
    if (tone === "bad" || tone === "masked") return this.theme.plateSign;
    return tone === "service" ? this.theme.service : this.theme.stripText;
  }

  private row(at: number): Row {
    const known = this.pool[at];
    if (known !== undefined) return known;
    const cell = (name: string): HTMLElement =>
      element("span", { class: `cell ${name}`, role: "gridcell" });
    const badge = new Badge();
    const state = element("span");
    const name = element("a", { tabindex: -1 });
    const row = {
      badge,
      state,
      number: cell("number"),
      name,
      site: cell("site"),
      conditions: cell("conditions"),
      since: cell("since"),
      evidence: cell("evidence"),
    };
    const first = cell("state");
    first.append(badge.element, state);
    const named = cell("name");
    named.append(name);
    const box = element("div", { class: "row", role: "row", hidden: true });
    box.append(first, row.number, named, row.site, row.conditions, row.since, row.evidence);
    this.space.append(box);
    const made = { element: box, ...row };
    this.pool.push(made);
    return made;
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== this.box) return;
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 2);
    const last = this.list.length - 1;
    const at = this.list.findIndex(({ id }) => id === this.active);
    const to: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at < 0 ? 0 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const next = to[event.key];
    if (next !== undefined) this.activate(Math.min(last, Math.max(0, next)));
    else if (event.key === "Enter" && at >= 0) this.open(this.list[at]);
    else return;
    event.preventDefault();
  }

  private activate(index: number): void {
    const camera = this.list[index];
    if (camera === undefined) return;
    this.active = camera.id;
    // The row of column titles covers the top.
    const titles = this.space.offsetTop;
    const top = index * this.height;
    const bottom = top + this.height + titles;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    else if (bottom > this.box.scrollTop + this.box.clientHeight) {
      this.box.scrollTop = bottom - this.box.clientHeight;
    }
    this.ask();
  }

  private click(event: MouseEvent): void {
    const { target } = event;
    // The name is a link of its own, which a person may want in another tab.
    if (!(target instanceof Element) || target.closest("a") !== null) return;
    const id = target.closest<HTMLElement>(".row")?.dataset.camera;
    this.open(this.list.find((camera) => camera.id === id));
  }

  private open(camera: Camera | undefined): void {
    if (camera !== undefined) location.assign(this.source.link(camera));
  }
}
