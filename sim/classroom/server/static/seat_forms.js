// The forms of a member's page: order, odds, talk, another seat. What was typed survives a reload.
import { keep, read } from "/static/basics.js";
import { $, $$, send, status, tell, word } from "/static/live.js";
import { moved, spread } from "/static/share.js";

const DRAFT = `rubicon:draft:${location.pathname}`;
const LAST = `rubicon:odds:${location.pathname}`;

// Set the forms up; returns what is to be called with `mine` of each view.
export function begin(api, badge) {
  const order = orderForm(api, badge);
  const odds = oddsForm(api, badge);
  talkForm(api);
  $("#move-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const { ok } = await send(`${api}/move`, { seat: $("#move-to").value });
    if (ok) location.reload();
  });
  let at = null;
  return (mine) => {
    const now = `${status.line}.${status.turn}`;
    const fresh = at !== now;
    at = now;
    order(mine.vote, fresh);
    odds(mine.forecast, fresh);
  };
}

// Send what is for the open turn, and say so beside the button.
async function sent(element, address, body, text) {
  const at = `${status.line}.${status.turn}`;
  tell("");
  element.textContent = word("sending");
  element.classList.add("waits");
  const { ok } = await send(address, { line: status.line, turn: status.turn, ...body });
  if (at !== `${status.line}.${status.turn}`) return false; // the turn closed meanwhile
  element.classList.remove("waits");
  element.textContent = ok ? text : "";
  return ok;
}

function orderForm(api, badge) {
  const form = $("#order-form");
  const told = $("#order-sent");
  const button = $("#order-send");
  let touched = false;

  const chosen = () => { const one = $("input[name=option]:checked", form); return one ? one.value : null; };
  const name = (option) => $(`input[value=${option}] + span b`, form).textContent;
  const detail = (id) => { const element = $(id, form); return element && !element.closest(".detail").classList.contains("hidden") ? element : null; };

  function reveal() {
    for (const box of $$(".detail", form)) box.classList.toggle("hidden", !box.dataset.for.split(" ").includes(chosen()));
    const items = $("#items", form);
    if (items) items.classList.toggle("hidden", $("#terms", form).value !== "items");
  }

  function details() { // null where something is missing; the visitor has been told
    const given = {};
    const [call, terms] = ["#call", "#terms"].map(detail).map((one) => one && one.value);
    const [men, offer] = ["#men", "[name=offer]"].map(detail);
    if (call) given.call = call;
    if (terms) given.terms = terms === "items" ? $$("[name=item]:checked", form).map((one) => one.value) : terms;
    if (terms === "items" && !given.terms.length) { tell(word("noitems"), "error"); return null; }
    if (men && !men.checkValidity()) { tell(word("wrongmen"), "error"); men.focus(); return null; }
    if (men && men.value !== "") given.men = men.valueAsNumber;
    if (offer && offer.checked) given.offer = true;
    return given;
  }

  function fill(vote) {
    form.reset();
    if (vote) {
      $(`input[value=${vote.option}]`, form).checked = true;
      const { call, terms, men, offer } = vote.details;
      if (call) $("#call", form).value = call;
      if (terms) $("#terms", form).value = Array.isArray(terms) ? "items" : terms;
      if (Array.isArray(terms)) for (const one of $$("[name=item]", form)) one.checked = terms.includes(one.value);
      if (men !== undefined) $("#men", form).value = men;
      if (offer) $("[name=offer]", form).checked = true;
    }
    reveal();
  }

  form.addEventListener("input", () => { touched = true; reveal(); });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const option = chosen();
    if (!option) { tell(word("choose"), "error"); return; }
    const given = details();
    if (given === null) return;
    touched = false;
    await sent(told, `${api}/vote`, { option, details: given }, word("sent").replace("{what}", name(option)));
  });

  return (vote, fresh) => {
    if (fresh) { touched = false; told.classList.remove("waits"); }
    if (!touched) fill(vote);
    if (!told.classList.contains("waits")) told.textContent = vote ? word("sent").replace("{what}", name(vote.option)) : "";
    button.textContent = vote ? button.dataset.again : button.dataset.first;
    const open = ["open", "paused"].includes(status.phase);
    badge("order", open ? (vote ? "✓" : "!") : "", Boolean(vote));
  };
}

function oddsForm(api, badge) {
  const form = $("#odds-form");
  const told = $("#odds-sent");
  const button = $("#odds-send");
  const slides = $$(".slide", form);
  const numbers = $$("input[type=number]", form);
  const names = slides.map((one) => one.dataset.ending);
  const before = (read(LAST) || "").split(",").map(Number); // of an earlier turn
  let stated = before.length === names.length && before.every((one) => one >= 0); // whether `shares` were stated once
  let shares = spread(100, stated ? before : names.map(() => 1));
  let held = []; // indices in the order in which they were set
  let touched = false;

  function draw() {
    let x = 0;
    shares.forEach((share, i) => {
      slides[i].value = share;
      if (document.activeElement !== numbers[i]) numbers[i].value = share;
      const bar = $(`#bar-${names[i]}`, form);
      bar.setAttribute("x", x);
      bar.setAttribute("width", share);
      x += share;
    });
  }

  function set(i, value) {
    shares = moved(shares, i, value, held);
    held = [...held.filter((one) => one !== i), i];
    touched = true;
    draw();
  }

  slides.forEach((one, i) => one.addEventListener("input", () => set(i, one.valueAsNumber)));
  numbers.forEach((one, i) => {
    one.addEventListener("input", () => { if (one.value !== "") set(i, one.valueAsNumber); });
    one.addEventListener("blur", draw);
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const odds = {};
    names.forEach((name, i) => { odds[name] = shares[i] / 100; });
    touched = false;
    stated = true;
    keep(LAST, shares.join());
    await sent(told, `${api}/forecast`, { odds }, word("sentodds"));
  });
  draw();

  return (forecast, fresh) => {
    if (fresh) { touched = false; held = []; told.classList.remove("waits"); }
    if (forecast && !touched) {
      shares = spread(100, names.map((name) => forecast[name]));
      stated = true;
      keep(LAST, shares.join());
      draw();
    }
    if (!told.classList.contains("waits")) told.textContent = forecast ? word("sentodds") : "";
    $("#odds-last").classList.toggle("hidden", Boolean(forecast) || !stated);
    button.textContent = forecast ? button.dataset.again : button.dataset.first;
    badge("odds", ["open", "paused"].includes(status.phase) && forecast ? "✓" : "", true);
  };
}

function talkForm(api) {
  const form = $("#talk-form");
  const text = $("#text", form);
  const left = $("#left", form);
  const draft = () => keep(DRAFT, text.value);
  text.value = read(DRAFT) || "";

  text.addEventListener("input", () => {
    draft();
    const room = text.maxLength - text.value.length;
    left.classList.toggle("hidden", room > 200);
    $("b", left).textContent = room;
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!text.value.trim()) return;
    const body = { text: text.value, to: $("#to", form).value || null };
    text.value = "";
    draft();
    const { ok } = await send(`${api}/say`, body);
    if (ok) tell(word("sentsay"));
    else if (!text.value) { text.value = body.text; draft(); } // refused: give it back
  });
}
