// The facilitator's page: what its buttons and forms send, what is asked before, and the dialogs.
import { copy as copied } from "/static/basics.js";
import { $, $$, onView, send, status, tell, word } from "/static/live.js";

const api = document.body.dataset.api;
let turn = "";

// A resting button takes no click, but keeps the keyboard's place, as a disabled one would not.
function rest(button, is) { if (button) button.setAttribute("aria-disabled", is ? "true" : "false"); }

// Send an action; the button rests until the server has answered.
async function act(action, given, done = word("done"), button = null) {
  rest(button, true);
  const answer = await send(`${api}/act`, { action, given });
  rest(button, false);
  if (answer.ok) tell(done);
  return answer.ok;
}

// Ask before something that cannot be taken back at once; resolves to true for yes.
function sure(title, text, yes) {
  const dialog = $("#sure");
  if (!dialog.showModal) return Promise.resolve(confirm(`${title}\n\n${text}`)); // a browser that knows no dialogs
  $("#sure-title").textContent = title;
  $("[data-sure]", dialog).textContent = text;
  if (yes) $("[data-yes]", dialog).textContent = yes;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

async function debrief(button) {
  rest(button, true);
  const answer = await send(`${api}/debrief`, {});
  rest(button, false);
  if (answer.ok) tell(word("done"));
}

async function copy(button) {
  if (await copied(document.getElementById(button.dataset.copy))) tell(word("copied"));
}

// People: one dialog for whoever was chosen.
let person = null;
function choose(button) {
  const { member, name, title } = button.dataset;
  person = Number(member);
  const heading = $("#person-title");
  heading.textContent = heading.dataset.title.replace("{name}", () => name).replace("{seat}", () => title);
  $("#person").showModal();
}

async function manage(button) {
  const { person: action, seat } = button.dataset;
  const dialog = $("#person");
  if (action === "remove") {
    dialog.close();
    if (!(await sure(button.dataset.sureTitle, button.dataset.sure, button.textContent))) return;
  }
  const given = action === "move" ? { member: person, seat } : { member: person };
  if (await act(action, given, undefined, button)) dialog.close();
}

function branch(button) {
  const dialog = $("#branch");
  const heading = $("#branch-title");
  heading.textContent = heading.dataset.title.replace("{n}", button.dataset.shown);
  dialog.dataset.turn = button.dataset.branch;
  dialog.showModal();
}

const clicks = [
  ["[data-act]", async (button) => {
    const { act: action, given, sureTitle, sure: text } = button.dataset;
    if (text && !(await sure(sureTitle, text, button.textContent))) return;
    await act(action, JSON.parse(given), undefined, button);
  }],
  ["[data-debrief]", debrief],
  ["[data-copy]", copy],
  ["[data-print]", () => { $("#seat-links").open = true; print(); }],
  ["[data-open]", (button) => document.getElementById(button.dataset.open).showModal()],
  ["[data-close]", (button) => button.closest("dialog").close()],
  ["[data-member]", choose],
  ["[data-person]", manage],
  ["[data-branch]", branch],
];

document.addEventListener("click", (event) => {
  for (const [selector, does] of clicks) {
    const button = event.target.closest(selector);
    if (button) { if (button.getAttribute("aria-disabled") !== "true") does(button); return; }
  }
});

// Forms: what each one sends, made from its fields.
const forms = {
  async note(form, fields) {
    if (await act("note", { to: fields.get("to"), text: fields.get("text") }, word("sent"))) form.reset();
  },
  async inject(form, fields) {
    const given = { event: fields.get("event") };
    const field = $("[data-number]:not(.hidden) [name]", form);
    given[field.name] = Number(field.value);
    const named = $("select[name=event]", form).selectedOptions[0].textContent;
    await act("inject", given, `${named}: ${word("done")}`);
  },
  async branch(form, fields) {
    const dialog = form.closest("dialog");
    if (await act("branch", { turn: Number(dialog.dataset.turn), luck: fields.get("luck") })) dialog.close();
  },
  async order(form, fields) {
    const details = {};
    if (fields.get("call")) details.call = fields.get("call");
    const terms = fields.get("terms");
    if (terms === "items") details.terms = fields.getAll("item");
    else if (terms && terms !== "rules") details.terms = terms;
    if (fields.get("men")) details.men = Number(fields.get("men"));
    if (fields.get("offer")) details.offer = true;
    const given = { seat: form.dataset.seat, option: fields.get("option"), details, line: status.line, turn: status.turn };
    const dialog = form.closest("dialog");
    if (await act("order", given)) { dialog.close(); form.reset(); }
    else dialog.close(); // what was wrong is told at the head of the page
  },
};

const TWICE_MS = 700;
const sentAt = new WeakMap();
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-form]");
  if (!form) return;
  event.preventDefault();
  if (performance.now() - (sentAt.has(form) ? sentAt.get(form) : -Infinity) < TWICE_MS) return; // a double click is one click
  sentAt.set(form, performance.now());
  forms[form.dataset.form](form, new FormData(form));
});

// Only the number that the chosen event wants, and the clauses only where they are chosen.
const wants = Object.fromEntries($$("select[name=event] option").map((option) => [option.value, option.dataset.wants]));
function fit(field) {
  if (field.name === "event") {
    for (const label of $$("[data-number]", field.form)) {
      const shown = label.dataset.number === wants[field.value];
      label.classList.toggle("hidden", !shown);
      $("[name]", label).disabled = !shown;
    }
  }
  const items = $("[data-items]", field.form);
  if (field.name === "terms" && items) items.classList.toggle("hidden", field.value !== "items");
}
document.addEventListener("change", (event) => fit(event.target));
for (const field of $$("select[name=event]")) fit(field);

onView((view) => { // an order meant for a turn that has closed is not given to the next
  const now = `${view.status.line}/${view.status.turn}`;
  if (turn && turn !== now) for (const dialog of $$("dialog[id^=order-][open], #branch[open]")) dialog.close();
  turn = now;
  $("#content").classList.toggle("has-debrief", Boolean($(".is-ready")));
});
