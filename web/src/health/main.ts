//! The health pages: `/health` lists all cameras, `/health/{id}` tells all about one.

import { part } from "../page";
import { CameraPage } from "./camera";
import { ListPage } from "./list";
import { Shell } from "./shell";

const shell = new Shell();
const id = /^\/health\/([a-z0-9-]{1,64})\/?$/.exec(location.pathname)?.[1];
const main = part("main", HTMLElement);
shell.run(id === undefined ? new ListPage(shell, main) : new CameraPage(shell, main, id));
