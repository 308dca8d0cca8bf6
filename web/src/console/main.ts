//! The operator's console: `/console`.

import { part } from "../page";
import { mountAlerts } from "./alerts";
import { ConsoleShell } from "./shell";

const shell = new ConsoleShell();
const nothing = (): void => {};
const alerts = mountAlerts(part("alerts", HTMLElement), {
  words: shell.words,
  theme: shell.theme,
  bench: shell.bench,
  census: shell.census,
  sites: shell.census.sites,
  me: () => shell.me,
  showCameras: nothing,
  nowServer: () => shell.now(),
  help: nothing,
  leave: nothing,
});
shell.run({
  reconnected: nothing,
  control: nothing,
  tile: nothing,
  video: nothing,
  lane: nothing,
  subscribable: nothing,
  tick: nothing,
  changed: () => alerts.changed(),
  second: () => alerts.second(),
});
