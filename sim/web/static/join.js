// The way in: take a seat, and remember it on this device so that the room's link leads back to it.
const page = document.body.dataset;
const form = document.getElementById("join-form");
const told = document.querySelector("[data-told]");
const KEPT = `rubicon:place:${page.api}`;

const id = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");

function kept() { try { return localStorage.getItem(KEPT); } catch { return null; } }
function keep(url) { try { localStorage.setItem(KEPT, url); } catch { /* private mode: the address bar has it */ } }
function tell(text, kind) { told.textContent = text; told.dataset.kind = kind; }

const place = kept();
if (place) {
  document.getElementById("back").href = place;
  document.getElementById("again").classList.remove("hidden");
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = form.querySelector("button");
  const given = new FormData(form);
  button.disabled = true;
  tell(page.joining, "note");
  try {
    const response = await fetch(page.api, {
      method: "POST", headers: { "Content-Type": "application/json" }, credentials: "omit", cache: "no-store",
      body: JSON.stringify({ id, seat: given.get("seat") || null, name: String(given.get("name") ?? "").trim() }),
      signal: AbortSignal.timeout(15000),
    });
    const data = await response.json();
    if (response.ok) {
      keep(data.url);
      location.href = data.url;
      return;
    }
    tell(data.error, "error");
  } catch {
    tell(page.noAnswer, "error");
  }
  button.disabled = false;
});
