//! English.

import type { Catalogue } from "../i18n";
import { admin } from "./admin/en";
import { advice } from "./advice/en";
import { alert } from "./alert/en";
import { common } from "./common/en";
import { operator } from "./console/en";
import { desk } from "./desk/en";
import { duty } from "./duty/en";
import { handling } from "./handling/en";
import { health } from "./health/en";
import { replay } from "./replay/en";
import { signIn } from "./sign-in/en";

export const en: Catalogue = {
  ...common,
  ...operator,
  ...alert,
  ...desk,
  ...duty,
  ...handling,
  ...health,
  ...signIn,
  ...admin,
  ...replay,
  ...advice,
  "live.not": "NOT LIVE",
  "live.starting": "Connecting to the service…",
  "live.lost": "No word from the service for {age}. The wall does not show the present.",
  "live.never": "The service could not be reached yet.",
  "live.fault": "The wall page failed. Reload it.",
  "wall.unknown": "There is no wall named “{id}”.",
  "wall.alert": "Alert",
  "wall.empty": "This wall has no cameras yet.",
  "summary.all": "{total} cameras",
  "summary.live": "{live} live",
  "summary.not": "{not} not live",
  "summary.suspect": "{n} suspect",
  "summary.maintenance": "{n} in maintenance",
  "summary.sites": "{n} sites down: {names}",
  "summary.said":
    "{total} cameras, {live} live, {not} not live, {suspect} suspect, {maintenance} in maintenance. {sites}",
  "canvas.label": "Camera wall. Arrow keys select, Enter enlarges.",
  "state.connecting": "Connecting",
  "state.waiting-keyframe": "Waiting for picture",
  "state.waiting-parameters": "Waiting for picture data",
  "state.online": "Live",
  "state.stalled": "No video",
  "state.offline": "Offline",
  "state.suspect": "Suspect",
  "state.maintenance": "Maintenance",
  "state.unknown": "Unknown",
  "state.no-picture": "No picture yet",
  "state.no-new-picture": "No new picture",
  "tile.last": "last {time}",
  "tile.until": "until {time}",
  "tile.site-down": "{site}: site down",
  "tile.every": "every {interval}",
  "tile.thinned": "Reduced rate",
  "motion.button": "Motion",
  "motion.title": "Let the cells move, or show stills only (key M)",
  "motion.count": "{moving} of {total} in motion",
  "motion.insecure": "Plain HTTP page: over HTTPS every cell can move, and smoothly",
  "still.unsupported": "No {codec} here",
  "still.broken": "Cannot be decoded",
  "still.wished": "Still",
  "still.starting": "Opening video…",
  "still.too-slow": "Slow link",
  "still.no-keyframe": "No keyframe",
  "still.other": "Still",
  "still.screen": "Screen busy",
  "still.cells": "Too many cells",
  "still.browser": "No video here",
  "large.stills": "stills only – {why}",
  "large.video": "Video",
  "large.main": "main stream {size}",
  "large.sub": "sub stream {size}",
  "large.latency": "Latency",
  "large.main-why": "Main stream",
  "large.health": "Health",
  "large.state": "State",
  "large.reason": "Reason",
  "large.age": "Picture age",
  "large.taken": "Picture at",
  "large.refresh": "Refresh",
  "large.codec": "Codec",
  "large.size": "Size",
  "large.close": "Close",
  "large.wait": "Loading…",
  "large.none": "No large picture yet",
  "large.unknown": "not known yet",
};
