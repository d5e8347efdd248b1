// What the pages of those who play need of a browser, and how to do without it: old tablets lack some of it, and cannot
// even read some of today's notation (so no question marks for what may be missing, here and in the scripts that import this).

const WAIT_MS = 15000;

// Send JSON to an address; fails when no answer came in time. Without a way to abort the request it is only waited for no more.
export function post(address, body) {
  const abort = typeof AbortController === "function" ? new AbortController() : null;
  const options = {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body), credentials: "omit",
    cache: "no-store",
  };
  if (abort) options.signal = abort.signal;
  let timer = 0;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => { fail(new Error("no answer")); if (abort) abort.abort(); }, WAIT_MS);
  });
  const told = Promise.race([fetch(address, options), late]);
  const done = () => clearTimeout(timer);
  told.then(done, done);
  return told;
}

// Seconds until something that was refused for now may be sent again, up to `most`; `else_` where the server does not say.
export function again(response, else_, most = 10) {
  return Math.min(Number(response.headers.get("Retry-After")) || else_, most);
}

export function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// The browser's store for this site; in private mode there may be none, and a page goes on with what it has in memory.
export function read(key) { try { return localStorage.getItem(key); } catch (_) { return null; } }
export function keep(key, text) { try { localStorage.setItem(key, text); } catch (_) { /* as above */ } }
export function drop(key) { try { localStorage.removeItem(key); } catch (_) { /* as above */ } }

// A field's text into the clipboard; over plain HTTP there is none, and the older way takes what is selected.
export async function copy(field) {
  field.select();
  try { await navigator.clipboard.writeText(field.value); } catch (_) { return document.execCommand("copy"); }
  return true;
}
