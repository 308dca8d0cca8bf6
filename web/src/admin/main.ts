//! The configuration and the accounts: `/admin` and its tabs.

import { element, fill } from "../dom";
import { Shell } from "../health/shell";
import { part, write } from "../page";
import { datedPage } from "./dated";
import { HistoryPage } from "./history";
import { ListPage } from "./list";
import { SECTIONS } from "./schema";
import { TokensPage } from "./tokens";
import { UsersPage } from "./users";

const PAGES = [...SECTIONS, "roster", "user", "token", "history"] as const;

const asked = location.pathname.split("/")[2] ?? "";
const tab = PAGES.find((one) => one === asked) ?? "camera";

const shell = new Shell();
const { words } = shell;
const title = words.say("admin.title");
document.title = `${words.say(`admin.${tab}`)} – ${title}`;
write(part("title", HTMLElement), title);
fill(
  part("tabs", HTMLElement),
  PAGES.map((one) => {
    const link = element("a", { href: shell.link(`/admin/${one}`) }, words.say(`admin.${one}`));
    if (one === tab) link.setAttribute("aria-current", "page");
    return link;
  }),
);
const main = part("main", HTMLElement);
switch (tab) {
  case "history":
    new HistoryPage(words, main);
    break;
  case "user":
    new UsersPage(words, main);
    break;
  case "token":
    new TokensPage(words, main);
    break;
  case "roster":
    datedPage(words, main);
    break;
  default:
    new ListPage(words, main, tab);
}
// Nothing here follows the cameras; the shell says whether the service is there.
const nothing = (): void => undefined;
shell.run({ changed: nothing, second: nothing });
