//! A list of rows of one height, of which only those in sight are in the document.

import { element } from "../dom";

/** Rows beyond the edge, so that a scroll shows no gap before the next frame. */
const BEYOND = 8;

export interface VirtualRow<T> {
  readonly element: HTMLElement;
  /** Shows another item, or the same one as it is now. */
  show(item: T, index: number, active: boolean): void;
}

export class VirtualList<T> {
  private items: readonly T[] = [];
  private readonly pool: VirtualRow<T>[] = [];
  private readonly space = element("div", { class: "space", role: "presentation" });
  private height = 0;
  private active = -1;
  private asked = false;

  constructor(
    /** Scrolls, and has the focus. */
    readonly box: HTMLElement,
    private readonly make: () => VirtualRow<T>,
    /** The document's id of an item's row. */
    private readonly id: (item: T) => string,
  ) {
    box.append(this.space);
    box.addEventListener("scroll", () => this.ask(), { passive: true });
    new ResizeObserver(() => {
      this.height = 0;
      this.ask();
    }).observe(box);
  }

  show(items: readonly T[], active: number): void {
    this.items = items;
    this.active = active;
    this.ask();
  }

  /** How many rows fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.box.clientHeight / Math.max(1, this.height)) - 1);
  }

  /** The item that an element belongs to. */
  at(target: EventTarget | null): number {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
    return row === null ? -1 : Number(row.dataset.index);
  }

  /** Scrolls as little as is needed for a row to be seen. */
  reveal(index: number): void {
    const top = index * this.height;
    const { scrollTop, clientHeight } = this.box;
    if (top < scrollTop) this.box.scrollTop = top;
    else if (top + this.height > scrollTop + clientHeight) {
      this.box.scrollTop = top + this.height - clientHeight;
    }
  }

  private ask(): void {
    if (this.asked) return;
    this.asked = true;
    requestAnimationFrame(() => {
      this.asked = false;
      this.draw();
    });
  }

  private draw(): void {
    if (this.height === 0) {
      const { element: probe } = this.row(0);
      probe.hidden = false;
      this.height = probe.offsetHeight;
      if (this.height === 0) return;
    }
    const { box, items, height } = this;
    const whole = `${items.length * height}px`;
    if (this.space.style.height !== whole) this.space.style.height = whole;
    const first = Math.max(0, Math.floor(box.scrollTop / height) - BEYOND);
    const fitting = Math.ceil(box.clientHeight / height) + 2 * BEYOND;
    const count = Math.max(0, Math.min(fitting, items.length - first));
    let marked = "";
    for (let at = 0; at < Math.max(count, this.pool.length); at += 1) {
      const row = this.row(at);
      const index = first + at;
      const item = at < count ? items[index] : undefined;
      if (row.element.hidden !== (item === undefined)) row.element.hidden = item === undefined;
      if (item === undefined) {
        row.element.removeAttribute("id");
        continue;
      }
      const active = index === this.active;
      row.element.id = this.id(item);
      row.element.dataset.index = String(index);
      row.element.style.transform = `translateY(${index * height}px)`;
      row.element.ariaSelected = String(active);
      row.show(item, index, active);
      if (active) marked = row.element.id;
    }
    if (marked === "") box.removeAttribute("aria-activedescendant");
    else box.setAttribute("aria-activedescendant", marked);
  }

  private row(at: number): VirtualRow<T> {
    const known = this.pool[at];
    if (known !== undefined) return known;
    const row = this.make();
    this.pool.push(row);
    this.space.append(row.element);
    return row;
  }
}
