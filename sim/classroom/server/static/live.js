// What every live page does: listen to the server's stream, swap the parts that changed, count the turn's clock down,
// and send what the visitor does so that nothing is lost when the network is. No library.
import { again, drop, keep, newId, post, read } from "/static/basics.js";

const STALE_MS = 25000; // the server speaks at least every 10 s
const page = document.body.dataset;
let source = null;
let heard = performance.now();
let wait = 500;
let clock = null;
export let status = null;
const listeners = [];

export function onView(listener) { listeners.push(listener); }
export function $(selector, root = document) { return root.querySelector(selector); }
export function $$(selector, root = document) { return [...root.querySelectorAll(selector)]; }

// Text of a label that the template put on <body> as data-word-...
export function word(name) { return page[`word${name[0].toUpperCase()}${name.slice(1)}`] || name; }

function connected(is) {
  document.documentElement.classList.toggle("offline", !is);
  for (const element of $$("[data-connection]")) {
    const text = is ? word("online") : word("offline");
    if (element.textContent !== text) element.textContent = text;
  }
}

function open() {
  if (source) source.close();
  source = new EventSource(page.stream);
  heard = performance.now();
  source.addEventListener("ping", () => { heard = performance.now(); connected(true); });
  source.addEventListener("view", (event) => {
    heard = performance.now();
    wait = 500;
    connected(true);
    show(JSON.parse(event.data));
  });
  source.addEventListener("gone", (event) => { // this link is no longer anybody's
    source.close();
    source = null;
    document.documentElement.classList.add("gone");
    tell(JSON.parse(event.data).error, "error");
  });
  source.onerror = () => {
    connected(false);
    if (source && source.readyState === EventSource.CLOSED) {
      setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 5000);
    }
  };
}

function show(view) {
  if (status && view.status.build !== page.build) { location.reload(); return; }
  status = view.status;
  clock = { left: status.left_s, at: performance.now() };
  for (const [name, html] of Object.entries(view.parts)) {
    for (const element of $$(`[data-part="${name}"]`)) swap(element, html);
  }
  for (const element of $$("[data-status]")) {
    const value = status[element.dataset.status];
    const text = value === null || value === undefined ? "" : String(value);
    if (element.textContent !== text) element.textContent = text;
  }
  document.body.dataset.phase = status.phase;
  tick();
  for (const listener of listeners) listener(view);
  document.documentElement.dataset.version = view.version; // tests wait for it
}

// Replace a part, but keep what the visitor has opened and where the keyboard is.
function swap(element, html) {
  const opened = $$("details[open][id]", element).map((one) => one.id);
  const focused = element.contains(document.activeElement) ? document.activeElement.id : "";
  const bottom = element.scrollTop + element.clientHeight >= element.scrollHeight - 4;
  element.innerHTML = html;
  for (const id of opened) { const one = document.getElementById(id); if (one) one.open = true; }
  const held = focused && document.getElementById(focused);
  if (held) held.focus();
  if (bottom && element.dataset.follow !== undefined) element.scrollTop = element.scrollHeight;
}

function tick() {
  if (!status || !clock) return;
  const gone = status.running ? (performance.now() - clock.at) / 1000 : 0;
  const left = clock.left === null ? null : Math.max(0, clock.left - gone);
  for (const element of $$("[data-timer]")) {
    const text = left === null ? "" : `${Math.floor(Math.ceil(left) / 60)}:${String(Math.ceil(left) % 60).padStart(2, "0")}`;
    if (element.textContent !== text) element.textContent = text;
    element.classList.toggle("short", left !== null && left <= 30 && status.running);
  }
}

// Things to send wait here until the server has them on its disk; a reload or a dead spot does not lose them.
// Each has an entry of its own in the browser's store: two tabs of one link do not overwrite each other.
const BOX = `rubicon:${location.pathname}:`;
const answers = new Map();
let sending = false;
let box = stored();

function stored() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(BOX)).map((key) => JSON.parse(read(key)))
      .sort((a, b) => a.at - b.at);
  } catch (_) { return []; } // private mode: kept in memory only
}
function put(entry) {
  box.push(entry);
  keep(BOX + entry.body.id, JSON.stringify(entry));
}
function done(entry) {
  box = box.filter((one) => one !== entry);
  drop(BOX + entry.body.id);
}

// Send a body to an address; resolves to {ok, error} once the server has answered, however long that takes.
export function send(address, body) {
  const entry = { address, at: Date.now(), body: { id: newId(), ...body } };
  put(entry);
  const answer = new Promise((resolve) => answers.set(entry.body.id, resolve));
  flush();
  return answer;
}

async function flush() {
  if (sending) return;
  sending = true;
  while (box.length) {
    const [entry] = box;
    const told = await attempt(entry);
    if (told.wait) { setTimeout(flush, 1000 * (told.wait + Math.random())); break; }
    done(entry);
    if (answers.has(entry.body.id)) answers.get(entry.body.id)(told);
    answers.delete(entry.body.id);
    if (!told.ok) tell(told.error, "error");
  }
  sending = false;
}

// Send once: {ok, error}, or {wait} with the seconds until it is tried again. What the server's disk refused is told.
async function attempt(entry) {
  try {
    const response = await post(entry.address, entry.body);
    if (response.status === 503) tell((await response.json()).error, "error");
    if (response.status === 429 || response.status >= 500) return { wait: again(response, 1, 5) };
    const data = await response.json();
    return { ok: response.ok, error: data.error || "" };
  } catch (_) { return { wait: 1 }; }
}

// A short message to the visitor, read aloud by screen readers.
let fading = 0;
export function tell(text, kind = "note") {
  const element = $("[data-told]");
  if (!element) return;
  element.textContent = text;
  element.dataset.kind = kind;
  clearTimeout(fading);
  fading = setTimeout(() => { element.textContent = ""; }, 8000);
}

if (page.stream) {
  open();
  flush();
  setInterval(tick, 250);
  setInterval(() => { if (source && performance.now() - heard > STALE_MS) { connected(false); open(); } }, 5000);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && source && performance.now() - heard > 12000) open();
  });
  addEventListener("offline", () => connected(false)); // sooner than the silence of the stream tells
  addEventListener("online", () => { open(); flush(); });
}
