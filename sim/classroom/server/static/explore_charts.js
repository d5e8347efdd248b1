// Charts of the explorer as SVG elements: odds, beliefs, choices. Text keeps its size; the drawing takes the width it gets.
const SVG = "http://www.w3.org/2000/svg";
export const INK = "#1A2230", MUTED = "#566070", FAINT = "#C8CED6", WASH = "#F1F3F6";

export function el(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

export function fill(box, ...nodes) { // replaceChildren, which browsers learnt late
  box.textContent = "";
  box.append(...nodes);
}

export function canvas(box, height, label) {
  const width = Math.max(box.clientWidth, 260);
  const svg = el("svg", { viewBox: `0 0 ${width} ${height}`, height, role: "img", "aria-label": label });
  fill(box, svg);
  return { svg, width };
}

export function text(x, y, words, more = {}) {
  return el("text", { x, y, "font-size": 13, fill: INK, ...more }, words);
}

export const number = (x) => String(Number(x.toPrecision(4)));

// Places at least `gap` apart and inside [low, high], as near as may be to where they belong.
export function spread(wanted, gap, low, high) {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b]);
  const places = [];
  let last = low - gap;
  for (const i of order) places[i] = last = Math.max(wanted[i], last + gap);
  let next = high + gap;
  for (const i of order.reverse()) places[i] = next = Math.min(places[i], next - gap);
  return places;
}

const percent = (share) => (share === 0 ? "0" : share < 0.0005 ? "<0.1" : (100 * share).toFixed(share < 0.0995 ? 1 : 0));
const points = (x) => `${x > 0 ? "+" : x < 0 ? "−" : ""}${Math.abs(100 * x).toFixed(1)}`;

function cell(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function small(words) { return cell("span", "range", words); }

export function drawOdds(found, known) {
  const rows = known.endings.map(({ label, colour }, i) => {
    const now = found.odds[i], before = found.reference[i], change = found.changes[i];
    const at = (share) => `${(100 * share).toFixed(2)}%`;
    const bar = el("svg", { "aria-hidden": "true" },
      el("rect", { x: 0, y: "15%", width: "100%", height: "70%", fill: WASH }),
      el("rect", { x: 0, y: "15%", width: at(now.share), height: "70%", fill: colour }),
      el("line", { x1: at(now.low), x2: at(now.high), y1: "50%", y2: "50%", stroke: INK, "stroke-width": 2 }),
      el("line", { x1: at(before.share), x2: at(before.share), y1: 0, y2: "100%", stroke: INK, "stroke-width": 3 }));
    const head = cell("th", "", label);
    head.scope = "row";
    const range = ` (${(100 * now.low).toFixed(1)} to ${(100 * now.high).toFixed(1)})`;
    const still = change.change === 0 && change.low === 0 && change.high === 0;
    const moved = still ? "0" : points(change.change);
    const bounds = still ? "" : ` (${points(change.low)} to ${points(change.high)})`;
    const row = document.createElement("tr");
    row.append(head, cell("td", "bar", bar), cell("td", "share", `${percent(now.share)} %`, small(range)),
      cell("td", `change ${change.settled ? "settled" : "open"}`, moved, small(bounds)));
    return row;
  });
  fill(document.getElementById("odds"), ...rows);
  document.getElementById("odds-note").textContent =
    `${found.n.toLocaleString("en")} crises, 95 % intervals. Black mark: the reference. Change in points, same luck in both; bold: the interval leaves out zero.`;
  const flows = found.flows.map(({ from, to, share }) =>
    `${known.endings[from].label.toLowerCase()} → ${known.endings[to].label.toLowerCase()} ${percent(share)} %`);
  document.getElementById("flows").textContent = found.differ === 0
    ? "No crisis ends otherwise than in the reference."
    : `${percent(found.differ)} % of the crises end otherwise than in the reference under the same luck, most often ${flows.join(", ")}.`;
}

export function drawBeliefs(box, course, at, known) {
  const height = 250, top = 8, foot = 44, left = 46;
  const { svg, width } = canvas(box, height, `Beliefs up to hour ${number(course.steps[at].hour)}`);
  const right = width < 480 ? 104 : 132, last = Math.max(course.steps.at(-1).hour, 1);
  const x = (hour) => left + ((width - left - right) * hour) / last;
  const y = (share) => top + (height - top - foot) * (1 - share);
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    svg.append(el("line", { x1: left, x2: width - right, y1: y(share), y2: y(share), stroke: "#E4E8ED" }));
    svg.append(text(left - 6, y(share) + 4, share === 1 ? "100 %" : String(100 * share), { "text-anchor": "end", fill: MUTED }));
  }
  const every = [1, 2, 3, 6, 12, 24, 48, 96].find((h) => last / h <= (width < 480 ? 5 : 9)) || 96;
  for (let h = 0; h <= last; h += every) svg.append(text(x(h), height - foot + 18, String(h), { "text-anchor": "middle", fill: MUTED }));
  svg.append(text((left + width - right) / 2, height - 6, "hours since the first public defiance", { "text-anchor": "middle", fill: MUTED }));
  const steps = course.steps.slice(0, at + 1);
  const present = known.seats.map((seat, i) => ({ name: seat.title, colour: seat.colour, of: (s) => s.belief[i], there: course.map.present[i] }));
  const opened = steps.slice(1); // at the very start nobody has formed a belief yet
  const lines = [...(at > 0 ? present.filter((one) => one.there) : []), { name: "Public odds", colour: INK, of: (s) => s.public, dashed: true }];
  for (const line of lines) {
    const path = (line.dashed ? steps : opened).map((s) => `${x(s.hour).toFixed(1)},${y(line.of(s)).toFixed(1)}`).join(" ");
    svg.append(el("polyline", { points: path, fill: "none", stroke: line.colour, "stroke-width": 2.2, ...(line.dashed ? { "stroke-dasharray": "6 4" } : {}) }));
  }
  const ends = lines.map((line) => y(line.of(steps.at(-1)))), places = spread(ends, 15, top + 4, height - foot + 12);
  lines.forEach((line, i) => {
    const from = x(steps.at(-1).hour), side = width - right + 14;
    svg.append(el("polyline", { points: `${from},${ends[i]} ${side - 8},${places[i]} ${side - 2},${places[i]}`, fill: "none", stroke: line.colour, "stroke-width": 1, opacity: 0.7 }));
    svg.append(el("circle", { cx: from, cy: ends[i], r: 3.5, fill: line.colour }));
    const name = width < 480 ? line.name.replace("Ministry of defence", "Ministry").replace("Security council", "Council") : line.name;
    svg.append(text(side, places[i] + 4, name, { "font-size": 12.5 }));
  });
}

export function drawChoices(box, course, at, known) {
  const step = course.steps[at], row = 27, narrow = box.clientWidth < 480;
  const { svg, width } = canvas(box, row * known.seats.length + 4, `Chances of the options at hour ${number(step.hour)}`);
  const left = narrow ? 104 : 146, right = narrow ? 82 : 96, room = width - left - right;
  known.seats.forEach((seat, i) => {
    const y = i * row + 3, chosen = step.option[i], there = course.map.present[i];
    const title = narrow ? seat.title.replace("Ministry of defence", "Ministry") : seat.title;
    svg.append(text(left - 18, y + 16, title, { "text-anchor": "end" }, ));
    if (!there || !step.weighed[i]) {
      svg.append(el("rect", { x: left, y, width: room, height: row - 7, fill: WASH }));
      svg.append(text(left + 8, y + 15, there ? "has not weighed its options yet" : "not there", { fill: MUTED, "font-size": 12 }));
      return;
    }
    if (step.revised[i]) svg.append(el("circle", { cx: left - 9, cy: y + 10, r: 4, fill: INK }));
    let from = left;
    step.chance[i].forEach((chance, k) => {
      svg.append(el("rect", { x: from, y, width: Math.max(room * chance, 0), height: row - 7, fill: known.options[k].colour },
        el("title", {}, `${known.options[k].label} ${(100 * chance).toFixed(0)} %: ${seat.means[known.options[k].label]}`)));
      from += room * chance;
    });
    const before = step.chance[i].slice(0, chosen).reduce((a, b) => a + b, 0);
    svg.append(el("rect", { x: left + room * before, y: y - 1.5, width: Math.max(room * step.chance[i][chosen], 2), height: row - 4, fill: "none", stroke: INK, "stroke-width": 3 }));
    svg.append(text(width - right + 10, y + 15, known.options[chosen].label, { "font-weight": 650 }));
  });
}
