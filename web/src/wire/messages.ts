//! Messages of the control socket as types. Checked here, at the edge, and nowhere else: what the
//! rest of the page sees has every field. An unreadable message is a value, never an exception.

import {
  type Alert,
  type Flood,
  readAlert,
  readFlood,
  readSeq,
  readStorage,
  type Storage,
} from "./alert";
import {
  type CameraField,
  IMPORTANCE,
  type Importance,
  readCamera,
  readWall,
  type Wall,
} from "./fields";
import { type Order, type Rung, readSites, type Site, type Standing } from "./health";
import { type Json, readText, readTime, readU32 } from "./json";
import { readNotice, type VideoNotice } from "./video";

export type State =
  | "connecting"
  | "waiting-keyframe"
  | "waiting-parameters"
  | "online"
  | "stalled"
  | "offline"
  | "suspect"
  | "maintenance"
  | "unknown";

export interface Camera {
  readonly id: string;
  readonly handle: number;
  readonly number: number;
  readonly name: string;
  readonly site: string | null;
  readonly tags: readonly string[];
  /** The lowest gives way first when the service or this screen cannot keep up. */
  readonly importance: Importance;
  readonly state: State;
  /** Why it is not as it should be, worst first, in the protocol's words. */
  readonly conditions: readonly string[];
  /** The lowest broken rung of the health ladder; `null` while none is. */
  readonly rung: Rung | null;
  /** The same conditions, each with its severity, since when, and its evidence. */
  readonly standing: readonly Standing[];
  /** The site whose condition stands for this camera's own. */
  readonly maskedBy: string | null;
  /** The order that takes it out of service. */
  readonly maintenance: Order | null;
  /** The service's evidence, one English sentence. */
  readonly reason: string | null;
  /** When the state was entered, Unix milliseconds. */
  readonly sinceMs: number | null;
  /** When the service received its newest picture, Unix milliseconds. */
  readonly lastFrameAtMs: number | null;
  readonly refreshMs: number | null;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** The large stream, while somebody watches it. */
  readonly main: MainStream | null;
}

/** How the service gets on with a camera's large stream. */
export interface MainStream {
  readonly state: "connecting" | "playing" | "offline";
  readonly reason: string | null;
}

const HAND_OUTCOMES = ["taken", "put-aside", "not-taken", "gone"] as const;
/** Whether a colleague took a camera: closed it, did neither for a while, or went. */
export type HandOutcome = (typeof HAND_OUTCOMES)[number];

export type ServerMessage =
  | {
      readonly type: "hello" | "heartbeat";
      readonly serverTimeMs: number;
      /** The newest change of any alert. */
      readonly alertHead: number;
    }
  | { readonly type: "alert"; readonly alert: Alert }
  | { readonly type: "flood"; readonly flood: Flood }
  | { readonly type: "storage"; readonly storage: Storage }
  | { readonly type: "cameras"; readonly cameras: readonly Camera[] }
  | { readonly type: "camera"; readonly id: string; readonly change: CameraField }
  | { readonly type: "wall"; readonly wall: Wall }
  | { readonly type: "sites"; readonly sites: readonly Site[] }
  | { readonly type: "video"; readonly notice: VideoNotice }
  /** A colleague shows a camera. */
  | {
      readonly type: "handed";
      readonly hand: number;
      readonly camera: string;
      readonly by: string;
      readonly atMs: number | null;
    }
  /** What became of a camera that a colleague was shown from here. */
  | {
      readonly type: "answered";
      readonly camera: string;
      readonly to: string;
      readonly outcome: HandOutcome;
    }
  | { readonly type: "reset" }
  | { readonly type: "error"; readonly title: string }
  | { readonly type: "other" }
  | { readonly type: "bad"; readonly why: string };

/** Reads one text message of the control socket. */
export function parse(text: string): ServerMessage {
  const json = parseJson(text);
  if (json === undefined) return bad("not a JSON object");
  switch (json.type) {
    case "hello":
    case "heartbeat": {
      const time = json.server_time;
      return typeof time === "number" && Number.isFinite(time)
        ? { type: json.type, serverTimeMs: time / 1000, alertHead: readSeq(json.alert_head) ?? 0 }
        : bad("no server_time");
    }
    case "cameras": {
      if (!Array.isArray(json.cameras)) return bad("cameras is not a list");
      // One camera that cannot be read must not hide the others.
      const cameras = json.cameras.flatMap((entry) => completeCamera(readCamera(entry)) ?? []);
      return { type: "cameras", cameras };
    }
    case "camera": {
      const change = readCamera(json);
      return change.id === undefined
        ? bad("camera without id")
        : { type: "camera", id: change.id, change };
    }
    case "wall": {
      const wall = readWall(json);
      return wall === undefined ? bad("wall without id or cells") : { type: "wall", wall };
    }
    case "sites":
      return Array.isArray(json.sites)
        ? { type: "sites", sites: readSites(json.sites) }
        : bad("sites is not a list");
    case "video": {
      const notice = readNotice(json);
      return notice === undefined
        ? bad("video without camera or stream")
        : { type: "video", notice };
    }
    case "alert": {
      const alert = readAlert(json);
      return alert === undefined ? bad("alert without id, seq or time") : { type: "alert", alert };
    }
    case "flood": {
      const flood = readFlood(json, json.flood);
      return flood === undefined ? bad("flood without position") : { type: "flood", flood };
    }
    case "storage":
      return { type: "storage", storage: readStorage(json) };
    case "handed": {
      const camera = readText(json.camera) ?? "";
      if (camera === "") return bad("handed without camera");
      const by = readText(json.by) ?? "";
      return { type: "handed", hand: readU32(json.hand) ?? 0, camera, by, atMs: readTime(json.at) };
    }
    case "answered": {
      const outcome = HAND_OUTCOMES.find((one) => one === json.outcome);
      if (outcome === undefined) return { type: "other" };
      const [camera, to] = [readText(json.camera) ?? "", readText(json.to) ?? ""];
      return { type: "answered", camera, to, outcome };
    }
    case "reset":
      return { type: "reset" };
    case "error":
      return { type: "error", title: problemTitle(json.problem) };
    default:
      // What later versions add is for other pages.
      return typeof json.type === "string" ? { type: "other" } : bad("no type");
  }
}

/** Reads the answer of `GET /api/v1/walls/{id}`. */
export function parseWall(json: unknown): Wall | undefined {
  return isObject(json) ? readWall(json) : undefined;
}

/** A camera needs who it is and which tiles are its own; everything else has a truthful default. */
export function completeCamera(fields: CameraField): Camera | undefined {
  const { id, handle } = fields;
  if (id === undefined || handle === undefined) return undefined;
  return {
    site: null,
    number: 0,
    name: id,
    state: "unknown",
    tags: [],
    importance: "normal",
    conditions: [],
    rung: null,
    standing: [],
    maskedBy: null,
    maintenance: null,
    reason: null,
    sinceMs: null,
    lastFrameAtMs: null,
    refreshMs: null,
    codec: null,
    width: null,
    height: null,
    main: null,
    ...fields,
    id,
    handle,
  };
}

/** The most important cameras first; those that are equal stay in their order. */
export function byImportance(
  ids: readonly string[],
  camera: (id: string) => Camera | undefined,
): readonly string[] {
  const rank = (id: string): number => IMPORTANCE.indexOf(camera(id)?.importance ?? "normal");
  return ids.toSorted((a, b) => rank(a) - rank(b));
}

function parseJson(text: string): Json | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function isObject(json: unknown): json is Json {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function problemTitle(problem: unknown): string {
  if (!isObject(problem)) return "";
  const title = problem.detail ?? problem.title;
  return typeof title === "string" ? title.slice(0, 300) : "";
}

function bad(why: string): ServerMessage {
  return { type: "bad", why };
}

export type { Alert, CameraField, Flood, Storage, VideoNotice, Wall };
