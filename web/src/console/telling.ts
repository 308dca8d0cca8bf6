//! The page's keys in words, for the overlay.

import type { Words } from "../i18n";
import type { Help } from "./help";

export function tellKeys(help: Help, words: Words): void {
  const say = (key: Parameters<Words["say"]>[0]): string => words.say(key);
  help.tell(say("keys.everywhere"), [
    { keys: ["?", "F1"], does: say("keys.help") },
    { keys: ["F2", "/"], does: say("keys.search") },
    { keys: ["F3", "Esc"], does: say("keys.to-grid") },
    { keys: ["F4"], does: say("keys.to-alerts") },
    { keys: ["F6"], does: say("keys.to-wall") },
    { keys: ["F7", "F8", "F9", "F10"], does: say("keys.pages") },
    { keys: ["⇧1", "…", "⇧9"], does: say("keys.salvo") },
    { keys: ["y", "Esc"], does: say("keys.take") },
  ]);
  help.tell(say("console.line"), [
    { keys: ["101", "Enter"], does: say("keys.call") },
    { keys: ["w101", "Enter"], does: say("keys.push") },
    { keys: ["w101 left 3"], does: say("keys.push-to") },
    { keys: ["w", "Enter"], does: say("keys.push-chosen") },
    { keys: ["g101 an", "g"], does: say("keys.hand") },
    { keys: ["2x2", "1+5"], does: say("keys.layout-line") },
    { keys: ["t 101 102 12s"], does: say("keys.tour") },
    { keys: ["t 10s"], does: say("keys.tour-found") },
    { keys: ["s …", "c …"], does: say("keys.save") },
    { keys: ["n …", "b …"], does: say("keys.note") },
    { keys: ["f left"], does: say("keys.fill") },
    { keys: ["p …", "k …", "r"], does: say("keys.preset") },
  ]);
  help.tell(say("console.grid"), [
    { keys: ["←", "→", "↑", "↓"], does: say("keys.move") },
    { keys: ["Enter"], does: say("keys.large") },
    { keys: ["Esc"], does: say("keys.back") },
    { keys: ["Del"], does: say("keys.clear") },
    { keys: ["l"], does: say("keys.layout") },
    { keys: ["m"], does: say("motion.button") },
    { keys: ["x"], does: say("keys.snapshot") },
  ]);
  help.tell(say("console.cameras"), [
    { keys: ["↑", "↓"], does: say("keys.move") },
    { keys: ["Enter"], does: say("keys.open") },
    { keys: ["⇧Enter"], does: say("keys.open-large") },
    { keys: ["←", "→"], does: say("keys.fold") },
  ]);
  help.tell(say("wall.plan"), [
    { keys: ["←", "→", "↑", "↓"], does: say("keys.move") },
    { keys: ["Enter"], does: say("wall.push") },
    { keys: ["p"], does: say("wall.pin") },
    { keys: ["Del"], does: say("wall.clear") },
    { keys: ["t"], does: say("keys.wall-tour") },
    { keys: ["r"], does: say("wall.reset") },
    { keys: ["o"], does: say("keys.wall-open") },
    { keys: ["h"], does: say("wall.history") },
  ]);
}
