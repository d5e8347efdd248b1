// The explorer's page: what is set, what is asked of the server, and what is shown when. Drawing is in the other files.
import { drawOdds, drawBeliefs, drawChoices, fill, number } from "./explore_charts.js";
import { drawMap } from "./explore_map.js";

const known = JSON.parse(document.body.dataset.known);
const of = (id) => document.getElementById(id);
const lever = Object.fromEntries(known.levers.map((one) => [one.path, one]));
const WAIT = 350, REST = 450, FRESH = 300, ENOUGH = 300; // ms: step of the play; pause before odds are refined; see askOdds, paced
const PIECE = 1000; // crises, the least that is asked for

const state = {
  scenario: known.scenario, own: known.own, numbers: {}, seed: known.seed, replicate: known.replicate,
  reference: { scenario: known.scenario, numbers: {} }, course: null, other: null, at: 0, timer: null,
};
const here = () => ({ scenario: state.scenario, numbers: { ...state.numbers } });
const words = (name) => name.split("_").join(" ");

async function ask(path, body, signal) {
  const sent = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, { ...sent, signal });
  const found = await answer.json();
  if (!answer.ok) throw new Error(found.error);
  of("trouble").classList.add("hidden");
  return found;
}

function trouble(error) {
  if (error.name === "AbortError") return;
  of("trouble").textContent = error instanceof TypeError ? "The server does not answer. Is it still running?" : error.message;
  of("trouble").classList.remove("hidden");
}

// One question at a time, the newest next. What is on its way is given up where another setting has overtaken it, and
// the server stops playing it; but while a slider moves some answer is let through every FRESH ms, so the odds follow.
const odds = { flight: null, next: null, rest: null, newest: 0, drawn: 0, runs: known.runs };

function askOdds(since, jump = false) {
  clearTimeout(odds.rest);
  odds.newest += 1;
  odds.next = { runs: odds.runs, since };
  if (!odds.flight) return send();
  const fresh = performance.now() - odds.drawn < FRESH;
  if (jump || fresh || odds.flight.runs === known.refine) odds.flight.abort.abort();
}

async function send() {
  const { runs, since } = odds.next;
  const mine = odds.newest, abort = new AbortController();
  odds.next = null;
  const began = performance.now();
  odds.flight = { abort, runs };
  document.querySelector(".odds").classList.add("busy");
  try {
    const found = await ask("/api/odds", { point: here(), reference: state.reference, seed: state.seed, runs }, abort.signal);
    if (abort.signal.aborted) return;
    drawOdds(found, known);
    odds.drawn = performance.now();
    if (runs < known.refine) odds.runs = paced(runs, odds.drawn - began);
    if (since !== null) painted(since, runs);
    if (mine === odds.newest) {
      document.querySelector(".odds").classList.remove("busy");
      if (runs < known.refine) odds.rest = setTimeout(() => { odds.next = { runs: known.refine, since: null }; send(); }, REST);
    }
  } catch (error) { trouble(error); } finally {
    odds.flight = null;
    if (odds.next) send();
  }
}

// On a slow or busy machine fewer crises are asked for at first, on a free one more again; the page says how many.
function paced(runs, took) {
  const possible = PIECE * Math.floor((runs * ENOUGH) / took / PIECE);
  return Math.max(PIECE, Math.min(known.runs, possible, runs + PIECE));
}

function painted(since, runs) { // after the frame that shows it: for the browser's own profiler, and the tests
  requestAnimationFrame(() => setTimeout(() => performance.measure(`odds ${runs}`, { start: since }), 0));
}

let newestRun = 0;
async function askRun() {
  const mine = ++newestRun, dice = { seed: state.seed, replicate: state.replicate };
  const atEnd = state.course && state.at === state.course.steps.length - 1;
  try {
    const same = JSON.stringify(here()) === JSON.stringify(state.reference);
    const course = await ask("/api/run", { point: here(), ...dice });
    const other = same ? course : await ask("/api/run", { point: state.reference, ...dice });
    if (mine !== newestRun) return; // a newer one is on its way
    Object.assign(state, { course, other });
    of("hour").max = course.steps.length - 1;
    show(atEnd ? course.steps.length - 1 : Math.min(state.at, course.steps.length - 1));
  } catch (error) { trouble(error); }
}

let runSoon = null;
function changed(jump = false) {
  askOdds(performance.now(), jump);
  clearTimeout(runSoon);
  runSoon = setTimeout(askRun, jump ? 0 : 200); // the odds first: they are what moves under the finger
}

// ---- one crisis -----------------------------------------------------------------------------------------------------
function clock(hour) {
  if (!state.course.map.clocked) return "";
  const minutes = Math.round(60 * (21 + hour)), day = 23 + Math.floor(minutes / 1440), left = minutes % 1440;
  return ` (${day} June ${String(Math.floor(left / 60)).padStart(2, "0")}:${String(left % 60).padStart(2, "0")})`;
}

function show(at) {
  state.at = at;
  const { course, other } = state, step = course.steps[at], over = at === course.steps.length - 1;
  of("hour").value = at;
  of("hour").setAttribute("aria-valuetext", `hour ${number(step.hour)}`);
  of("now").textContent = `Hour ${number(step.hour)}${clock(step.hour)}: ${step.km.toFixed(0)} km from the capital, ` +
    `${step.rebels.toFixed(1)} thousand men` + (over ? `. ${known.endings[course.ending].label}: ${course.ending_text}` : ".");
  for (const id of ["step", "end"]) of(id).disabled = over;
  for (const id of ["back", "reset"]) of(id).disabled = at === 0;
  drawMap(of("map"), course, other, at);
  drawBeliefs(of("beliefs"), course, at, known);
  drawChoices(of("choices"), course, at, known);
  tell(course, at, over, other);
}

function tell(course, at, over, other) {
  const list = of("events");
  fill(list, ...course.events.filter((event) => event.step <= at).map((event) => {
    const item = document.createElement("li"), time = document.createElement("time");
    time.textContent = `h ${number(event.hour)}`;
    item.append(time, event.text);
    item.className = (event.step === at ? "new " : "") + (event.kind === "ending" ? "end" : "");
    if (event.why) {
      const why = document.createElement("details"), head = document.createElement("summary"), text = document.createElement("p");
      head.textContent = "why";
      text.textContent = event.why;
      why.append(head, text);
      item.append(why);
    }
    return item;
  }));
  if (over) {
    for (const after of course.weeks) line(list, `week ${after.week}`, `${after.text}.`);
    if (other !== course) {
      line(list, "same luck", `With ${of("reference").textContent} this crisis ends as ${known.endings[other.ending].phrase} after ${number(other.end_h)} h, ${other.closest_km.toFixed(0)} km from the capital.`);
    }
  }
  of("scroll").scrollTop = of("scroll").scrollHeight;
}

function line(list, head, text) {
  const item = document.createElement("li"), time = document.createElement("time");
  time.textContent = head;
  item.append(time, text);
  list.append(item);
}

function stop() {
  clearInterval(state.timer);
  state.timer = null;
  of("play").textContent = "Play";
}

function go(to) {
  stop();
  if (state.course) show(Math.max(0, Math.min(to, state.course.steps.length - 1)));
}

function play() {
  if (state.timer) return stop();
  if (state.at === state.course.steps.length - 1) show(0);
  of("play").textContent = "Pause";
  state.timer = setInterval(() => {
    show(state.at + 1);
    if (state.at === state.course.steps.length - 1) stop();
  }, WAIT);
}

// ---- the setting ----------------------------------------------------------------------------------------------------
function settle() { // put every control where the setting stands
  of("about").textContent = known.about[state.scenario];
  of("scenario").value = state.scenario;
  for (const box of document.querySelectorAll("[data-path]")) {
    const path = box.dataset.path, own = state.own[path], value = state.numbers[path] ?? own, input = box.querySelector("input");
    box.classList.toggle("moved", path in state.numbers);
    if (lever[path].switch) { input.checked = value === 1; continue; }
    const unit = lever[path].unit;
    input.min = Math.min(lever[path].low, own);
    input.max = Math.max(lever[path].high, own);
    if (Number(input.value) !== value) input.value = value;
    input.setAttribute("aria-valuetext", `${number(value)} ${unit}`);
    box.querySelector("output").textContent = `${number(value)} ${unit}`.trim();
    box.querySelector(".low").textContent = number(Number(input.min));
    box.querySelector(".high").textContent = number(Number(input.max));
    box.querySelector(".own").textContent = path in state.numbers ? `was ${number(own)}` : "";
  }
  const { scenario, numbers } = state.reference, moved = Object.keys(numbers).length;
  of("reference").textContent = words(scenario) + (moved ? ` with ${moved} number${moved > 1 ? "s" : ""} moved` : "");
}

function move(path, value) {
  if (value === state.own[path]) delete state.numbers[path];
  else state.numbers[path] = value;
  settle();
  changed();
}

async function choose(scenario) {
  try {
    const found = await ask(`/api/scenario/${scenario}`);
    Object.assign(state, { scenario, own: found.own, numbers: {} });
    settle();
    changed(true);
  } catch (error) { trouble(error); settle(); }
}

function dice() {
  for (const id of ["seed", "replicate"]) {
    const value = of(id).valueAsNumber;
    if (Number.isSafeInteger(value) && value >= 0) state[id] = value;
    of(id).value = state[id];
  }
}

function wire() {
  of("scenario").append(...known.scenarios.map((name) => new Option(words(name), name)));
  of("scenario").addEventListener("change", () => choose(of("scenario").value));
  for (const box of document.querySelectorAll("[data-path]")) {
    const path = box.dataset.path, input = box.querySelector("input");
    input.addEventListener("input", () => move(path, lever[path].switch ? Number(input.checked) : input.valueAsNumber));
  }
  of("own").addEventListener("click", () => { state.numbers = {}; settle(); changed(true); });
  of("pin").addEventListener("click", () => { state.reference = here(); settle(); changed(true); });
  of("seed").addEventListener("change", () => { dice(); changed(true); });
  of("replicate").addEventListener("change", () => { dice(); askRun(); });
  of("another").addEventListener("click", () => { of("replicate").value = state.replicate + 1; dice(); askRun(); });
  of("reset").addEventListener("click", () => go(0));
  of("back").addEventListener("click", () => go(state.at - 1));
  of("step").addEventListener("click", () => go(state.at + 1));
  of("end").addEventListener("click", () => go(Infinity));
  of("play").addEventListener("click", () => state.course && play());
  of("hour").addEventListener("input", () => go(of("hour").valueAsNumber));
  let width = window.innerWidth;
  window.addEventListener("resize", () => { if (state.course && window.innerWidth !== width) { width = window.innerWidth; show(state.at); } });
}

of("options-key").append(...known.options.map(({ label, colour }) => {
  const word = document.createElement("span"), text = document.createElement("b");
  word.style.color = colour;
  text.textContent = label;
  text.className = "key-word";
  word.append(text);
  return word;
}));
of("seed").value = state.seed;
of("replicate").value = state.replicate;
wire();
settle();
askOdds(null);
askRun();
