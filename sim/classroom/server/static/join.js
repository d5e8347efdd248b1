// The way in: take a seat, and remember it on this device so that the room's link leads back to it.
import { again, drop, keep, newId, post, read } from "/static/basics.js";

const page = document.body.dataset;
const form = document.getElementById("join-form");
const told = document.querySelector("[data-told]");
const KEPT = `rubicon:place:${page.api}`;
const ASKED = `rubicon:asked:${page.api}`; // id of a request without an answer yet: sent again, it gets the same place
const TRIES = 5;

let id = read(ASKED) || newId();

function tell(text, kind) { told.textContent = text; told.dataset.kind = kind; }
function pause(seconds) { return new Promise((done) => { setTimeout(done, 1000 * seconds); }); }

const place = read(KEPT);
if (place) {
  document.getElementById("back").href = place;
  document.getElementById("again").classList.remove("hidden");
}

// A class behind one address may be too fast for the server, or its disk may be full: it says when to come again.
async function ask(body) {
  for (let left = TRIES; ; left -= 1) {
    const response = await post(page.api, body);
    if ((response.status !== 429 && response.status !== 503) || left === 0) return response;
    await pause(again(response, 1) + Math.random());
  }
}

if (form) form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const given = new FormData(form);
  button.disabled = true;
  tell(page.joining, "note");
  keep(ASKED, id);
  try {
    const response = await ask({ id, seat: given.get("seat") || null, name: String(given.get("name") || "").trim() });
    const data = await response.json();
    if (response.status !== 429 && response.status < 500) {
      drop(ASKED);
      id = newId();
    }
    if (response.ok) {
      keep(KEPT, data.url);
      location.href = data.url;
      return;
    }
    tell(data.error, "error");
  } catch (_) {
    tell(page.noAnswer, "error");
  }
  button.disabled = false;
});
if (form) form.querySelector("button").disabled = false;
