//! What a wall showed: `/wall/{id}/history`.

import { Shell } from "../health/shell";
import { part } from "../page";
import { ReplayPage } from "./page";

const wall = decodeURIComponent(location.pathname.split("/")[2] ?? "");
// Whatever happens on the wall now is the end of its history.
let page: ReplayPage | null = null;
const shell = new Shell({
  query: "",
  message: (message) => {
    if (message.type === "wall" && message.wall.id === wall) page?.grown();
  },
  ended: () => undefined,
  tick: () => page?.tick(),
});
page = new ReplayPage(shell, wall, part("main", HTMLElement));
shell.run(page);
