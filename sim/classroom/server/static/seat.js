// A member's page: what is shown, tabs and badges. The forms are in seat_forms.js.
import { copy, keep, read } from "/static/basics.js";
import { $, $$, onView, status, tell, word } from "/static/live.js";
import { begin } from "/static/seat_forms.js";

const page = document.body.dataset;
const wide = matchMedia("(min-width: 1000px)");
const TABS = ["now", "order", "odds", "talk", "role"];
const SEEN = `rubicon:seen:${location.pathname}`;
let known = null; // line, turn and phase as last shown
let noted = null; // notes of this turn as last shown
let heard = Number(read(SEEN) || 0);

function show(tab, scroll = true) {
  page.tab = tab;
  for (const link of $$("[data-tab]", $(".tabs"))) {
    if (link.dataset.tab === tab) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  if (tab === "talk") hear();
  if (tab === "now") badge("now", "");
  if (scroll && !wide.matches) scrollTo(0, 0);
}

export function badge(tab, text, done = false) {
  const element = $(`[data-badge=${tab}]`);
  element.textContent = text;
  element.classList.toggle("done", done);
}

function count() {
  const said = $("[data-count]");
  return said ? Number(said.dataset.count) : 0;
}

function hear() {
  heard = count();
  keep(SEEN, heard);
  badge("talk", "");
}

function notes() { // a note of the facilitator's is read out wherever one is; it stays on the first tab
  const shown = $$(".top .note p");
  if (noted !== null && shown.length > noted && page.tab !== "now" && !wide.matches) {
    tell(`${word("from")}: ${shown[0].textContent}`);
    badge("now", "!");
  }
  noted = shown.length;
}

function talk() {
  const now = count();
  if (now < heard) heard = now; // after a branch there is less
  if (wide.matches || page.tab === "talk") hear();
  else badge("talk", now > heard ? String(now - heard) : "");
}

// Said aloud always; written over the page only where the page itself does not show it.
function announce(text, written) {
  $("#aloud").textContent = text;
  if (written) tell(text);
}

function news() {
  const now = [status.line, status.turn, status.phase].join();
  if (known !== null && known !== now) {
    const [line, turn, phase] = known.split(",");
    if (status.phase === "over" && phase !== "over") {
      announce(word("over"), false);
      show("now");
    } else if (phase === "lobby" && status.phase !== "lobby") {
      announce(word("begun"), false);
      show("now");
    } else if (line !== String(status.line) || turn !== String(status.turn)) {
      if (["order", "odds"].includes(page.tab)) show("now");
      announce(word("newturn").replace("{n}", status.shown_turn), wide.matches || page.tab !== "now");
      if (page.tab !== "now" && !wide.matches) badge("now", "•");
      $(".head").classList.remove("fresh");
      requestAnimationFrame(() => $(".head").classList.add("fresh")); // starts the flash again
    }
  }
  known = now;
}

for (const link of $$(".tabs a")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    show(link.dataset.tab);
  });
}
addEventListener("hashchange", () => { if (TABS.includes(location.hash.slice(1))) show(location.hash.slice(1)); });
const first = location.hash.slice(1);
show(TABS.includes(first) ? first : page.phase === "lobby" ? "role" : "now", false);

$("#copy").addEventListener("click", async () => {
  await copy($("#address"));
  tell(word("copied"));
});

const forms = begin(page.api, badge);
onView((view) => {
  if (view.mine.seat !== page.seat) { location.reload(); return; } // moved to another seat
  $("#move-form").classList.toggle("hidden", view.mine.fixed);
  page.published = status.published ? "yes" : "no";
  for (const element of $$(`[data-member="${view.mine.member}"]:not(.me)`)) { // the part is the same for the whole team
    element.classList.add("me");
    $(".who-name", element).append(` (${word("you")})`);
  }
  news();
  talk();
  notes();
  forms(view.mine, view.parts);
});
