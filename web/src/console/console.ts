//! The console itself: the parts side by side, what they tell each other, and the page's own keys.

import { part, write } from "../page";
import { Roster } from "../roster";
import type { Header } from "../wire/header";
import type { Camera, ServerMessage, VideoNotice } from "../wire/messages";
import { mountAlerts } from "./alerts";
import { Colleagues } from "./colleagues";
import type { AlertsPart } from "./context";
import type { Dragged } from "./drag";
import { HandedBar } from "./handed";
import { Help } from "./help";
import { Journal } from "./journal";
import { type Action, actionOf, type Where } from "./keys";
import { LAYOUTS, type Layout } from "./layout";
import { Line } from "./line";
import { Orders } from "./orders";
import { previewOf } from "./preview";
import { SavedLayouts } from "./saved";
import { Scene } from "./scene";
import { type ConsoleShell, type Inside, WAYS } from "./shell";
import { Stage } from "./stage";
import { type StageAct, StageBar } from "./stagebar";
import { tellKeys } from "./telling";
import { TreeView } from "./treeview";
import { WallDesk } from "./wall/desk";
import { WallPanel } from "./wall/panel";

const TICK_MS = 250;

export class Console implements Inside {
  /** Which camera a handle means; the wall of it is not used here. */
  private readonly roster = new Roster("");
  private readonly scene = new Scene();
  private readonly saved: SavedLayouts;
  private readonly stage: Stage;
  private readonly bar: StageBar;
  private readonly tree: TreeView;
  private readonly line: Line;
  private readonly journal: Journal;
  private readonly handed: HandedBar;
  private readonly walls: WallDesk;
  private readonly panel: WallPanel;
  private readonly help: Help;
  private readonly orders: Orders;
  private readonly alerts: AlertsPart;
  private laid = false;

  constructor(private readonly shell: ConsoleShell) {
    const { words, theme, census, bench } = shell;
    this.saved = new SavedLayouts(bench.keep.shelf, () => this.showBar());
    this.stage = new Stage(shell, this.scene, {
      changed: () => this.sceneChanged(),
      dropped: (dragged, cell) => this.dropped(dragged, cell),
    });
    this.bar = new StageBar(words, {
      arrange: (layout) => this.arrange(layout),
      act: (act) => this.act(act),
      recall: (saved) => this.recall(saved.name),
      remove: (saved) => this.saved.remove(saved.name),
      back: () => this.back(),
    });
    const grid = part("grid", HTMLElement);
    grid.ariaLabel = words.say("console.grid");
    this.handed = new HandedBar(
      words,
      (camera) => {
        this.scene.take(camera, shell.screenNow());
        this.sceneChanged();
        this.stage.focus();
      },
      (hand, outcome) =>
        shell.sockets.sendControl(JSON.stringify({ type: "answer", hand, outcome })),
    );
    grid.append(this.bar.element, this.handed.element, this.stage.element);
    this.tree = new TreeView(part("cameras", HTMLElement), words, theme, census, {
      open: (camera, large) => this.open(camera, large),
      openSite: (name, cameras) =>
        this.bring(
          cameras.map(({ id }) => id),
          name,
        ),
      cellOf: (id) => this.scene.shown.indexOf(id),
    });
    this.line = new Line(part("line", HTMLElement), words, {
      begin: () => this.orders.hold(),
      end: () => this.orders.release(),
      preview: (order) => previewOf(order, this.orders.known, words),
      run: (order) => void this.orders.run(order),
      leave: () => this.stage.focus(),
    });
    this.journal = new Journal(part("journal", HTMLElement), words, bench);
    this.walls = new WallDesk(bench, () => shell.touch());
    this.panel = new WallPanel(part("plan", HTMLElement), words, census, this.walls, {
      chosen: () => this.orders.camera,
      found: () => this.tree.found,
      person: (id) => bench.names.person(id),
      open: (id) => this.openId(id),
      history: (wall) => location.assign(shell.link(`/wall/${encodeURIComponent(wall)}/history`)),
    });
    this.help = new Help(words);
    this.orders = new Orders({
      shell,
      scene: this.scene,
      saved: this.saved,
      journal: this.journal,
      walls: this.walls,
      panel: this.panel,
      colleagues: new Colleagues(
        bench,
        () => shell.me.person ?? shell.me.name ?? bench.call.person,
        () => this.line.again(),
      ),
      found: () => this.tree.found,
      open: (camera, large) => this.open(camera, large),
      arrange: (layout) => this.arrange(layout),
      recall: (name) => this.recall(name),
      find: (text) => this.tree.find(text),
      help: () => this.help.open(),
      changed: () => this.sceneChanged(),
      say: (text, problem) => this.line.say(text, problem),
    });
    tellKeys(this.help, words);
    const place = part("alerts", HTMLElement);
    place.ariaLabel = words.say("desk.title");
    this.alerts = mountAlerts(place, {
      words,
      theme,
      bench,
      census,
      sites: census.sites,
      me: () => shell.me,
      showCameras: (ids, why) => this.bring(ids, why ?? words.say("console.of-alert")),
      nowServer: () => shell.now(),
      help: (title, keys) => this.help.tell(title, keys),
      leave: () => this.stage.focus(),
    });
    document.addEventListener("keydown", (event) => this.key(event));
    const last = this.saved.last;
    if (last !== undefined) this.scene.recall(last, shell.screenNow());
    void this.saved.fetch();
    this.sceneChanged();
  }

  reconnected(): void {
    this.roster.reconnected();
  }

  control(message: ServerMessage): void {
    for (const id of this.roster.apply(message).gone) this.stage.forget(id);
    this.walls.message(message);
    if (message.type === "cameras") this.laid = false;
    if (message.type === "handed") this.comesUp(message);
    if (message.type === "answered") this.answered(message);
  }

  /** A colleague has done something with a camera that was sent from here, or has not. */
  private answered({
    camera: id,
    to,
    outcome,
  }: Extract<ServerMessage, { type: "answered" }>): void {
    const { words, bench, census } = this.shell;
    const known = census.camera(id);
    const camera = known === undefined ? id : `${known.number} ${known.name}`;
    const told = { name: bench.names.person(to), camera };
    this.line.say(words.say(`console.hand-${outcome}`, told), outcome !== "taken");
  }

  /** A colleague sends a camera: it comes up beside what is there. */
  private comesUp({
    camera: id,
    by,
    atMs,
    hand,
  }: Extract<ServerMessage, { type: "handed" }>): void {
    const { words, bench, census } = this.shell;
    const camera = census.camera(id);
    if (camera === undefined) return;
    const text = words.say("console.handed", {
      name: bench.names.person(by),
      camera: `${camera.number} ${camera.name}`,
      time: words.moment(atMs ?? this.shell.now(), this.shell.now()),
    });
    this.handed.add(id, text, hand);
    this.scene.beside(id, words.say("console.of-colleague"), this.shell.screenNow());
    this.sceneChanged();
  }

  tile(header: Header, jpeg: Uint8Array<ArrayBuffer>, connection: number): void {
    const id = this.roster.idOf(header.handle);
    if (id !== undefined) this.stage.tile(id, header, jpeg, connection);
  }

  video(header: Header, payload: Uint8Array<ArrayBuffer>, connection: number): void {
    const id = this.roster.idOf(header.handle);
    if (id !== undefined) this.stage.video(id, header, payload, connection);
  }

  lane(notice: VideoNotice): void {
    this.stage.lane(notice);
  }

  subscribable(): void {
    this.stage.subscribeAnew();
  }

  tick(): void {
    if (this.scene.tick(this.shell.screenNow())) this.sceneChanged();
    this.stage.tick(TICK_MS);
  }

  changed(): void {
    if (!this.laid) this.stage.lay();
    this.laid = true;
    this.tree.changed();
    this.panel.changed();
    this.alerts.changed();
    this.count();
  }

  second(): void {
    this.journal.second();
    this.alerts.second();
  }

  private count(): void {
    const { census, words } = this.shell;
    let live = 0;
    for (const { state } of census.cameras)
      if (state === "online" || state === "suspect") live += 1;
    const said = words.say("console.counts", { live, total: census.size });
    write(part("counts", HTMLElement), census.listed ? said : "");
  }

  /** Something about the grid is other than before: it is drawn, kept and told. */
  private sceneChanged(): void {
    const focused = this.stage.focused;
    this.stage.lay();
    if (focused) this.stage.focus();
    this.saved.last = this.scene.setting;
    this.showBar();
    this.shell.touch();
  }

  private showBar(): void {
    this.bar.show(this.scene, this.saved.all, this.stage.motion);
  }

  private open(camera: Camera, large: boolean): void {
    this.scene.call(camera.id, this.shell.screenNow());
    if (large) this.scene.enlarge(true);
    this.sceneChanged();
    this.stage.focus();
    this.announce(`${camera.number} ${camera.name}`);
  }

  private openId(id: string): void {
    const camera = this.shell.census.camera(id);
    if (camera !== undefined) this.open(camera, false);
  }

  private bring(ids: readonly string[], why: string): void {
    this.scene.bring(ids, why, this.shell.screenNow());
    this.sceneChanged();
  }

  private back(): void {
    const before = this.scene.shown;
    if (!this.scene.back()) {
      this.handed.closeNext();
      return;
    }
    if (this.scene.aside === null && !this.scene.large) {
      const { shown } = this.scene;
      this.handed.close(before.filter((camera) => !shown.includes(camera)));
    }
    this.sceneChanged();
    this.stage.focus();
  }

  private arrange(layout: Layout): void {
    this.scene.arrange(layout);
    this.sceneChanged();
    this.stage.focus();
  }

  private dropped({ camera, gridCell }: Dragged, cell: number): void {
    if (gridCell === undefined) this.scene.put(camera, cell, this.shell.screenNow());
    else this.scene.swap(gridCell, cell);
    this.scene.choose(cell);
    this.sceneChanged();
    this.stage.focus();
  }

  private recall(name: string): void {
    const found = this.saved.find(name);
    if (found === undefined) return;
    this.scene.recall(found, this.shell.screenNow());
    this.sceneChanged();
    this.stage.focus();
    this.line.say(this.shell.words.say("console.recalled", { name: found.name }));
  }

  private act(act: StageAct): void {
    const begins = {
      push: "w ",
      hand: "g ",
      tour: "t ",
      save: "s ",
      note: "n ",
      bookmark: "b ",
    } as const;
    if (act === "snapshot") void this.orders.snapshot();
    else if (act === "motion") {
      this.stage.motion = !this.stage.motion;
      this.showBar();
    } else this.line.begin(begins[act]);
  }

  private announce(text: string): void {
    write(part("announce", HTMLElement), text);
  }

  private key(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing) return;
    const action = actionOf(event, whereIs(event.target));
    // A button that has the focus is pressed by Enter, whatever else Enter means.
    if (action === "large" && !this.stage.focused && isControl(event.target)) return;
    if (action === null || !this.does(action)) return;
    event.preventDefault();
  }

  /** Says whether there was something to do. */
  private does(action: Action): boolean {
    if (typeof action === "object") {
      if ("type" in action) this.line.begin(action.type);
      else this.recall(String(action.salvo));
      return true;
    }
    switch (action) {
      case "back":
        // From anywhere to the grid first; there it leads from large back, and to one's own.
        if (this.stage.focused) this.back();
        else this.stage.focus();
        return true;
      case "left":
      case "right":
      case "up":
      case "down":
        this.scene.move(action);
        this.sceneChanged();
        this.stage.focus();
        return true;
      case "large":
        this.scene.enlarge(!this.scene.large);
        this.sceneChanged();
        this.stage.focus();
        return true;
      case "clear":
        this.scene.clear(this.scene.chosen);
        this.sceneChanged();
        return true;
      case "layout":
        this.arrange(LAYOUTS[(LAYOUTS.indexOf(this.scene.layout) + 1) % LAYOUTS.length] ?? "2x2");
        return true;
      case "motion":
      case "snapshot":
      case "note":
      case "bookmark":
      case "push":
      case "hand":
      case "tour":
      case "save":
        this.act(action);
        return true;
      case "take":
        return this.handed.takeNext();
      case "help":
        this.help.open();
        return true;
      default:
        this.go(action);
        return true;
    }
  }

  private go(where: Action): void {
    const pages = {
      "page-wall": 0,
      "page-health": 1,
      "page-alerts": 2,
      "page-figures": 3,
    } as const;
    switch (where) {
      case "search":
      case "to-cameras":
        this.tree.focus();
        return;
      case "to-grid":
        this.stage.focus();
        return;
      case "to-alerts":
        this.alerts.focus();
        return;
      case "to-wall":
        this.panel.focus();
        return;
      case "to-line":
        this.line.begin("");
        return;
      default: {
        const way = WAYS[pages[where as keyof typeof pages]];
        if (way !== undefined) location.assign(this.shell.link(way[0]));
      }
    }
  }
}

function whereIs(target: EventTarget | null): Where {
  if (!(target instanceof Element)) return "grid";
  if (target.matches("input, select, textarea, [contenteditable]")) return "typing";
  return target.closest("#alerts") === null ? "grid" : "list";
}

function isControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches("button, a, summary");
}
