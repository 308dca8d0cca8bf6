//! Rights as controls: a role a line, and where it holds.

import { element, hide } from "../dom";
import type { Words } from "../i18n";
import { type Grant, ROLES, type Role } from "./accounts";
import { button } from "./directory";
import { choices, type Named } from "./named";

interface Row {
  readonly element: HTMLElement;
  readonly role: HTMLSelectElement;
  readonly where: HTMLSelectElement;
  readonly sites: HTMLSelectElement;
}

/** What a right begins as: where it holds is for a person to say. */
export const FIRST_RIGHT: Grant = { role: "duty", sites: [] };

export class GrantsEditor {
  readonly element: HTMLElement;
  private readonly list = element("div", { class: "grants" });
  private rows: readonly Row[] = [];

  constructor(
    private readonly words: Words,
    private readonly sites: readonly Named[],
    grants: readonly Grant[],
  ) {
    const say = words.say.bind(words);
    const add = button(say("user.add-right"), () => {
      this.add(FIRST_RIGHT).role.focus();
    });
    this.element = element(
      "fieldset",
      {},
      element("legend", {}, say("user.rights")),
      this.list,
      add,
    );
    for (const grant of grants) this.add(grant);
  }

  /** What is granted; undefined while a right has no place. */
  read(): readonly Grant[] | undefined {
    const grants = this.rows.map(({ role, where, sites }) => ({
      role: role.value as Role,
      sites: where.value === "all" ? null : [...sites.selectedOptions].map(({ value }) => value),
    }));
    return grants.some(({ sites }) => sites?.length === 0) ? undefined : grants;
  }

  private add(grant: Grant): Row {
    const { words } = this;
    const say = words.say.bind(words);
    const role = element(
      "select",
      { "aria-label": say("user.role") },
      ...ROLES.map((one) => element("option", { value: one }, words.known("role", one))),
    );
    role.value = grant.role;
    const where = element(
      "select",
      { "aria-label": say("user.where") },
      element("option", { value: "all" }, say("user.everywhere")),
      element("option", { value: "sites" }, say("user.at-sites")),
    );
    where.value = grant.sites === null ? "all" : "sites";
    const label = say("admin.site");
    const sites = element("select", { multiple: true, size: 6, "aria-label": label });
    // A site that is gone is shown by its id: taking it away is for a person to decide.
    const gone = (grant.sites ?? []).filter((id) => !this.sites.some((site) => site.id === id));
    choices(sites, [...this.sites, ...gone.map((id) => ({ id, name: id }))], null);
    for (const option of sites.options)
      option.selected = grant.sites?.includes(option.value) ?? false;
    const draw = (): void => hide(sites, where.value === "all");
    where.addEventListener("change", draw);
    draw();
    const remove = button(say("user.remove-right"), () => {
      this.rows = this.rows.filter((one) => one !== row);
      row.element.remove();
    });
    const row = {
      element: element("div", { class: "grant" }, role, where, sites, remove),
      role,
      where,
      sites,
    };
    this.rows = [...this.rows, row];
    this.list.append(row.element);
    return row;
  }
}

/** Rights in a line. */
export function grantsLine(grants: readonly Grant[], words: Words): string {
  if (grants.length === 0) return words.say("user.no-rights");
  return grants
    .map(({ role, sites }) => {
      const where = sites === null ? words.say("user.everywhere") : sites.join(", ");
      return `${words.known("role", role)}: ${where}`;
    })
    .join(" · ");
}
