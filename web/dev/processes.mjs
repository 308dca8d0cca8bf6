// What processes of this machine use, from /proc.
import { readdirSync, readFileSync } from "node:fs";

const TICKS_PER_S = 100;

/** All descendants of a process whose name contains `name`. */
export function childrenOf(pid, name) {
  const all = readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .map((entry) => stat(Number(entry)))
    .filter((one) => one !== null);
  const found = [];
  const parents = [pid];
  while (parents.length > 0) {
    const parent = parents.pop();
    for (const one of all.filter(({ ppid }) => ppid === parent)) {
      parents.push(one.pid);
      if (one.name.includes(name)) found.push(one.pid);
    }
  }
  return found;
}

/** Processor time that they used so far, in seconds. */
export function cpuSeconds(pids) {
  return pids.reduce((sum, pid) => sum + (stat(pid)?.ticks ?? 0), 0) / TICKS_PER_S;
}

/** Memory of their own: what they share with each other is counted once. */
export function residentMiB(pids) {
  return pids.reduce((sum, pid) => sum + proportionalKiB(pid), 0) / 1024;
}

function proportionalKiB(pid) {
  try {
    return Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]);
  } catch {
    return 0;
  }
}

function stat(pid) {
  try {
    const [, name, rest] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"));
    const fields = rest.split(" ");
    return { pid, name, ppid: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}
