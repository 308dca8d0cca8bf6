//! The configuration: `/admin` and its tabs.

import { element, fill } from "../dom";
import { Shell } from "../health/shell";
import { part, write } from "../page";
import { HistoryPage } from "./history";
import { ListPage } from "./list";
import { SECTIONS } from "./schema";

const asked = location.pathname.split("/")[2] ?? "";
const tab = asked === "history" ? asked : (SECTIONS.find((one) => one === asked) ?? "camera");

const shell = new Shell();
const { words } = shell;
const title = words.say("admin.title");
document.title = `${words.say(`admin.${tab}`)} – ${title}`;
write(part("title", HTMLElement), title);
fill(
  part("tabs", HTMLElement),
  [...SECTIONS, "history" as const].map((one) => {
    const link = element("a", { href: shell.link(`/admin/${one}`) }, words.say(`admin.${one}`));
    if (one === tab) link.setAttribute("aria-current", "page");
    return link;
  }),
);
const main = part("main", HTMLElement);
if (tab === "history") new HistoryPage(words, main);
else new ListPage(words, main, tab);
// Nothing here follows the cameras; the shell says whether the service is there.
const nothing = (): void => undefined;
shell.run({ changed: nothing, second: nothing });
