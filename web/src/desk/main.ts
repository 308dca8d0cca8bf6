//! The alert desk: `/alerts` and its tabs.

import type { Page } from "../health/shell";
import { part } from "../page";
import { DeliveriesPage } from "./deliveries";
import { DrillPage } from "./drill";
import { FiguresPage } from "./figures";
import { HandoverPage } from "./handover";
import { ListPage } from "./list";
import { RecordsPage } from "./records";
import { ShelfPage } from "./shelf";
import { DeskShell, TABS, type Tab } from "./shell";

const PAGES: Readonly<Record<Tab, new (desk: DeskShell, main: HTMLElement) => Page>> = {
  list: ListPage,
  shelf: ShelfPage,
  figures: FiguresPage,
  deliveries: DeliveriesPage,
  handover: HandoverPage,
  drill: DrillPage,
  records: RecordsPage,
};

const asked = location.pathname.split("/")[2] ?? "";
const tab = TABS.find((one) => one === asked) ?? "list";
const desk = new DeskShell(tab);
desk.run(new PAGES[tab](desk, part("main", HTMLElement)));
