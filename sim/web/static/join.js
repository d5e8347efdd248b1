// The way in: take a seat, and remember it on this device so that the room's link leads back to it.
const page = document.body.dataset;
const form = document.getElementById("join-form");
const told = document.querySelector("[data-told]");
const KEPT = `rubicon:place:${page.api}`;
const ASKED = `rubicon:asked:${page.api}`; // id of a request without an answer yet: sent again, it gets the same place
const TRIES = 5;

let id = read(ASKED) ?? fresh();

function fresh() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}
function read(key) { try { return localStorage.getItem(key); } catch { return null; } }
function keep(key, text) { try { localStorage.setItem(key, text); } catch { /* private mode: this page has it */ } }
function drop(key) { try { localStorage.removeItem(key); } catch { /* the same */ } }
function tell(text, kind) { told.textContent = text; told.dataset.kind = kind; }
function pause(seconds) { return new Promise((done) => { setTimeout(done, 1000 * seconds); }); }

const place = read(KEPT);
if (place) {
  document.getElementById("back").href = place;
  document.getElementById("again").classList.remove("hidden");
}

// A class behind one address may be too fast for the server: it says when to come again.
async function ask(body) {
  for (let left = TRIES; ; left -= 1) {
    const response = await fetch(page.api, {
      method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", cache: "no-store", body,
      signal: AbortSignal.timeout(15000),
    });
    if (response.status !== 429 || left === 0) return response;
    await pause(Math.min(Number(response.headers.get("Retry-After")) || 1, 10) + Math.random());
  }
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const given = new FormData(form);
  button.disabled = true;
  tell(page.joining, "note");
  keep(ASKED, id);
  try {
    const response = await ask(
      JSON.stringify({ id, seat: given.get("seat") || null, name: String(given.get("name") ?? "").trim() }),
    );
    const data = await response.json();
    if (response.status !== 429 && response.status < 500) {
      drop(ASKED);
      id = fresh();
    }
    if (response.ok) {
      keep(KEPT, data.url);
      location.href = data.url;
      return;
    }
    tell(data.error, "error");
  } catch {
    tell(page.noAnswer, "error");
  }
  button.disabled = false;
});
