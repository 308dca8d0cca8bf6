//! A list of rows of one height, of which only those in sight are in the document. The document is
//! read and written once in a frame, so that no key waits for a layout, and a row is written only
//! when it shows something else.

import { element, hide } from "../dom";

/** Rows beyond the edge, so that a scroll shows no gap before the next frame. */
const BEYOND = 4;

export interface VirtualRow<T> {
  readonly element: HTMLElement;
  /** Shows another item, or the same one as it is now. */
  show(item: T, index: number, active: boolean): void;
}

/** A row, and what it shows. */
interface Slot<T> {
  readonly row: VirtualRow<T>;
  item: T | undefined;
  index: number;
  active: boolean;
}

export class VirtualList<T> {
  private items: readonly T[] = [];
  /** In the order of the document; the first shows the item `first`. */
  private readonly pool: Slot<T>[] = [];
  private readonly space = element("div", { class: "space", role: "presentation" });
  private first = 0;
  /** Of a row. */
  private height = 0;
  /** Of the box, and how far it is scrolled, as the browser told last. */
  private boxHeight = 0;
  private top = 0;
  private active = -1;
  /** The item that the next frame brings in sight. */
  private wanted: number | null = null;
  private asked = false;

  constructor(
    /** Scrolls, and has the focus. */
    readonly box: HTMLElement,
    private readonly make: () => VirtualRow<T>,
    /** The document's id of an item's row. */
    private readonly id: (item: T) => string,
  ) {
    box.append(this.space);
    const scrolled = (): void => {
      this.top = box.scrollTop;
      this.ask();
    };
    box.addEventListener("scroll", scrolled, { passive: true });
    new ResizeObserver(() => {
      this.boxHeight = box.clientHeight;
      this.height = 0;
      this.ask();
    }).observe(box);
  }

  /** An item that is the same object as before is not shown again. */
  show(items: readonly T[], active: number): void {
    this.items = items;
    this.active = active;
    this.ask();
  }

  /** How many rows fit. */
  get page(): number {
    return Math.max(1, Math.floor(this.boxHeight / Math.max(1, this.height)) - 1);
  }

  /** The item that an element belongs to. */
  at(target: EventTarget | null): number {
    const row = target instanceof Element ? target.closest<HTMLElement>("[data-index]") : null;
    return row === null ? -1 : Number(row.dataset.index);
  }

  /** Scrolls as little as is needed for a row to be seen. */
  reveal(index: number): void {
    this.wanted = index;
    this.ask();
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
    // Nothing of it can be seen, or its size was not told yet: that asks again.
    if (this.boxHeight === 0) return;
    if (this.height === 0) {
      const { element: probe } = this.slot(0).row;
      probe.hidden = false;
      this.height = probe.offsetHeight;
      if (this.height === 0) return;
      // Rows of another height stand elsewhere.
      for (const slot of this.pool) slot.index = -1;
    }
    const { box, items, height } = this;
    const whole = items.length * height;
    if (this.space.style.height !== `${whole}px`) this.space.style.height = `${whole}px`;
    this.scroll(whole);
    const first = Math.max(0, Math.floor(this.top / height) - BEYOND);
    const fitting = Math.ceil(this.boxHeight / height) + 2 * BEYOND;
    const count = Math.max(0, Math.min(fitting, items.length - first));
    this.turn(first);
    for (let at = 0; at < Math.max(count, this.pool.length); at += 1) {
      const slot = this.slot(at);
      this.fill(slot, at < count ? items[first + at] : undefined, first + at);
    }
    const marked = this.pool.find(({ item, active }) => item !== undefined && active);
    const id = marked?.row.element.id ?? "";
    if (id === "") box.removeAttribute("aria-activedescendant");
    else if (box.getAttribute("aria-activedescendant") !== id)
      box.setAttribute("aria-activedescendant", id);
  }

  /** Scrolls to what is wanted, and never beyond the end. */
  private scroll(whole: number): void {
    const { wanted, height, boxHeight } = this;
    this.wanted = null;
    let top = Math.max(0, Math.min(this.top, whole - boxHeight));
    if (wanted !== null) {
      top = Math.min(top, wanted * height);
      top = Math.max(top, (wanted + 1) * height - boxHeight);
    }
    if (top !== this.top) this.box.scrollTop = top;
    this.top = top;
  }

  /** Rows that leave at one end come in at the other; those that stay are not touched. */
  private turn(first: number): void {
    const by = first - this.first;
    this.first = first;
    if (Math.abs(by) >= this.pool.length) return;
    const moved = by > 0 ? this.pool.splice(0, by) : this.pool.splice(by, -by);
    const elements = moved.map(({ row }) => row.element);
    if (by > 0) {
      this.pool.push(...moved);
      this.space.append(...elements);
    } else if (by < 0) {
      this.pool.unshift(...moved);
      this.space.prepend(...elements);
    }
  }

  private fill(slot: Slot<T>, item: T | undefined, index: number): void {
    const { element: box } = slot.row;
    const active = index === this.active;
    if (item === slot.item && index === slot.index && active === slot.active) return;
    hide(box, item === undefined);
    if (item === undefined) box.removeAttribute("id");
    else {
      box.id = this.id(item);
      // Not a transform: to the compositor each would be a layer's worth of work in every frame.
      if (index !== slot.index) box.style.top = `${index * this.height}px`;
      box.dataset.index = String(index);
      box.ariaSelected = String(active);
      slot.row.show(item, index, active);
    }
    Object.assign(slot, { item, index, active });
  }

  private slot(at: number): Slot<T> {
    const known = this.pool[at];
    if (known !== undefined) return known;
    const row = this.make();
    row.element.hidden = true;
    const slot = { row, item: undefined, index: -1, active: false };
    this.pool.push(slot);
    this.space.append(row.element);
    return slot;
  }
}
