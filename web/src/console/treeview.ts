//! The camera tree with its search: what is found is a key away from the grid.

import { Badge } from "../badge";
import { element, hide } from "../dom";
import type { Theme } from "../draw/theme";
import type { Census } from "../health/census";
import { NO_SITE } from "../health/filter";
import { rowFaceOf } from "../health/rowface";
import type { Words } from "../i18n";
import { write } from "../page";
import type { Camera } from "../wire/messages";
import { beginDrag } from "./drag";
import { grow, type Tree, type TreeRow } from "./tree";
import { VirtualList, type VirtualRow } from "./virtual";

export interface TreeEvents {
  /** A camera is wished for in the grid; `large`: at once as large as it goes. */
  open(camera: Camera, large: boolean): void;
  /** All cameras of a site are. */
  openSite(name: string, cameras: readonly Camera[]): void;
  /** Which cell of the grid shows it, from 0. */
  cellOf(id: string): number;
}

export class TreeView {
  private readonly search: HTMLInputElement;
  private readonly count = element("p", { class: "found", role: "status" });
  private readonly troubled: HTMLButtonElement;
  private readonly box: HTMLElement;
  private readonly list: VirtualList<TreeRow>;
  private readonly closed = new Set<string>();
  private tree: Tree = { rows: [], found: [] };
  private active = 0;

  constructor(
    root: HTMLElement,
    private readonly words: Words,
    private readonly theme: Theme,
    private readonly census: Census,
    private readonly events: TreeEvents,
  ) {
    root.ariaLabel = words.say("console.cameras");
    const label = words.say("console.search");
    this.search = element("input", {
      id: "search",
      type: "search",
      placeholder: `${label}  /`,
      "aria-label": label,
      autocomplete: "off",
      spellcheck: "false",
    });
    this.troubled = element("button", { type: "button", "aria-pressed": "false" });
    this.troubled.textContent = words.say("console.troubled");
    this.box = element("div", {
      id: "tree",
      role: "tree",
      tabindex: 0,
      "aria-label": words.say("console.cameras"),
    });
    this.list = new VirtualList(
      this.box,
      () => this.makeRow(),
      (row) => `tree-${row.kind}-${row.id}`,
    );
    const bar = element("div", { class: "search" }, this.search, this.troubled);
    root.append(bar, this.count, this.box);
    this.search.addEventListener("input", () => this.searched());
    this.search.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("click", (event) => this.click(event));
    this.box.addEventListener("dblclick", (event) => this.doubleClick(event));
    this.box.addEventListener("dragstart", (event) => this.drag(event));
    this.troubled.addEventListener("click", () => {
      this.troubled.ariaPressed = String(this.troubled.ariaPressed !== "true");
      this.searched();
    });
  }

  /** The cameras that are found, by number. */
  get found(): readonly Camera[] {
    return this.tree.found;
  }

  focus(): void {
    this.search.focus();
    this.search.select();
  }

  find(text: string): void {
    this.search.value = text;
    this.searched();
    this.focus();
  }

  /** Cameras or sites are other ones, or the grid is. */
  changed(): void {
    const before = this.tree.rows[this.active];
    const troubled = this.troubled.ariaPressed === "true";
    const wish = { text: this.search.value, troubled, closed: this.closed };
    this.tree = grow(this.census.cameras, this.census.sites, wish);
    const { rows, found } = this.tree;
    const same = rows.findIndex((row) => row.kind === before?.kind && row.id === before.id);
    this.active = same >= 0 ? same : Math.min(this.active, Math.max(0, rows.length - 1));
    const said = { n: found.length, total: this.census.size };
    write(
      this.count,
      this.words.say(found.length === 0 ? "console.found-none" : "console.found", said),
    );
    this.draw();
  }

  private draw(): void {
    this.list.show(this.tree.rows, this.active);
  }

  private searched(): void {
    this.changed();
    const first = this.tree.rows.findIndex(({ kind }) => kind === "camera");
    this.box.scrollTop = 0;
    this.activate(this.search.value === "" ? 0 : Math.max(0, first));
  }

  private activate(index: number): void {
    this.active = Math.min(Math.max(0, index), Math.max(0, this.tree.rows.length - 1));
    this.list.reveal(this.active);
    this.draw();
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const inList = event.target === this.box;
    const row = this.tree.rows[this.active];
    const last = this.tree.rows.length - 1;
    switch (event.key) {
      case "ArrowDown":
        this.activate(this.active + 1);
        break;
      case "ArrowUp":
        this.activate(this.active - 1);
        break;
      case "PageDown":
        this.activate(this.active + this.list.page);
        break;
      case "PageUp":
        this.activate(this.active - this.list.page);
        break;
      case "Enter":
        if (row === undefined) return;
        this.enter(row, event.shiftKey);
        break;
      default:
        if (!inList || !this.listKey(event.key, row, last)) return;
    }
    event.preventDefault();
    event.stopPropagation();
  }

  /** Keys that mean something else in the search field. */
  private listKey(key: string, row: TreeRow | undefined, last: number): boolean {
    switch (key) {
      case "Home":
        this.activate(0);
        return true;
      case "End":
        this.activate(last);
        return true;
      case "ArrowRight":
        if (row?.kind === "site" && !row.open) this.toggle(row.id);
        return true;
      case "ArrowLeft":
        if (row?.kind === "site" && row.open) this.toggle(row.id);
        else this.activate(this.above(this.active));
        return true;
      default:
        return false;
    }
  }

  /** The site that a row is below. */
  private above(index: number): number {
    const { rows } = this.tree;
    const depth = rows[index]?.depth ?? 0;
    return rows.findLastIndex((row, at) => at < index && row.depth < depth);
  }

  private enter(row: TreeRow, shift: boolean): void {
    if (row.kind === "camera") this.events.open(row.camera, shift);
    else if (shift) this.openSite(row);
    else this.toggle(row.id);
  }

  private openSite(row: Extract<TreeRow, { kind: "site" }>): void {
    const { sites } = this.census;
    const within = this.tree.found.filter(({ site }) => {
      const nowhere = site === null || sites.site(site) === undefined;
      return row.id === NO_SITE ? nowhere : sites.isWithin(site, row.id);
    });
    this.events.openSite(row.site?.name ?? this.words.say("console.no-site"), within);
  }

  private toggle(id: string): void {
    if (!this.closed.delete(id)) this.closed.add(id);
    this.changed();
  }

  private click(event: MouseEvent): void {
    const index = this.list.at(event.target);
    const row = this.tree.rows[index];
    if (row === undefined) return;
    this.activate(index);
    if (row.kind === "site") this.toggle(row.id);
  }

  private doubleClick(event: MouseEvent): void {
    const row = this.tree.rows[this.list.at(event.target)];
    if (row?.kind === "camera") this.events.open(row.camera, false);
  }

  private drag(event: DragEvent): void {
    const row = this.tree.rows[this.list.at(event.target)];
    if (row?.kind !== "camera" || !(event.target instanceof HTMLElement)) return;
    beginDrag(event, { camera: row.id }, event.target);
  }

  private makeRow(): VirtualRow<TreeRow> {
    const sign = new Badge();
    const fold = element("span", { class: "fold", "aria-hidden": "true" });
    const number = element("b", { class: "number" });
    const name = element("span", { class: "name" });
    const state = element("small", { class: "state" });
    const cell = element("span", { class: "in-cell" });
    const row = element("div", { class: "tree-row", role: "treeitem" });
    row.append(fold, sign.element, number, name, state, cell);
    const { words } = this;
    return {
      element: row,
      show: (item) => {
        row.dataset.kind = item.kind;
        row.style.paddingLeft = `${0.5 + item.depth * 0.9}em`;
        row.ariaLevel = String(item.depth + 1);
        row.draggable = item.kind === "camera";
        hide(number, item.kind === "site");
        if (item.kind === "site") {
          const down = item.site?.downSinceMs != null;
          row.ariaExpanded = String(item.open);
          row.dataset.tone = down ? "bad" : "good";
          write(fold, item.open ? "▾" : "▸");
          hide(sign.element, !down);
          if (down) sign.show("site", this.theme.plateSign);
          write(name, item.site?.name ?? words.say("console.no-site"));
          write(state, down ? words.say("console.site-down") : "");
          write(cell, String(item.matches));
          return;
        }
        const face = rowFaceOf(item.camera, words, this.census.sites, Date.now());
        row.removeAttribute("aria-expanded");
        row.dataset.tone = face.tone;
        write(fold, "");
        hide(sign.element, false);
        const good = face.tone === "good";
        sign.show(face.sign, good ? this.theme.emptyMark : this.theme.plateSign);
        write(number, String(item.camera.number));
        write(name, item.camera.name);
        write(state, good ? "" : face.conditions || face.state);
        const at = this.events.cellOf(item.id);
        write(cell, at < 0 ? "" : `▦ ${at + 1}`);
      },
    };
  }
}
