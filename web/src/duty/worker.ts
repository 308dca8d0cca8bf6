//! The duty page's service worker: keeps the page's own files, so that it opens without a network.
//! Alerts and pictures are never kept here.

/** The files as they were built together; the build writes their hash in here. */
declare const VERSION: string;

interface WorkerEvent extends Event {
  waitUntil(promise: Promise<unknown>): void;
}
interface FetchEvent extends WorkerEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  addEventListener(type: "install" | "activate", listener: (event: WorkerEvent) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
  skipWaiting(): Promise<void>;
  readonly clients: { claim(): Promise<void> };
}

const worker = globalThis as unknown as Worker;
const CACHE = `duty-${VERSION}`;
const PAGE = "/duty";
const SHELL = [
  PAGE,
  "/assets/duty.js",
  "/assets/duty.css",
  "/assets/icon.svg",
  "/assets/duty.webmanifest",
];

worker.addEventListener("install", (event) => {
  // All of them or none: files of two versions do not fit together.
  const filled = caches.open(CACHE).then((cache) => cache.addAll(SHELL));
  event.waitUntil(filled.then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  const old = async (): Promise<void> => {
    for (const name of await caches.keys()) {
      if (name.startsWith("duty-") && name !== CACHE) await caches.delete(name);
    }
    await worker.clients.claim();
  };
  event.waitUntil(old());
});

worker.addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  const own = origin === location.origin && event.request.method === "GET";
  if (!own || !SHELL.includes(pathname)) return;
  const kept = caches.open(CACHE).then((cache) => cache.match(pathname));
  event.respondWith(kept.then((answer) => answer ?? fetch(event.request)));
});
