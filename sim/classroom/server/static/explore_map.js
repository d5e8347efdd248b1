// The road to the capital: places by their coordinates, the column, the line, and what each formation did when it came.
import { canvas, el, text, spread, number, INK, MUTED, FAINT, WASH } from "./explore_charts.js";

const COLUMN = "#0072B2", LINE = "#B03A2E";
const ON_ROAD = 8, TO_LINE = 13; // formations: eight on the road, five at the line, five in the capital
const DID = {
  fights: { words: "fought", colour: "#D55E00", shape: "M-5,-5L5,5M-5,5L5,-5" },
  joins: { words: "joined", colour: "#009E73", shape: "M0,-6L6,5L-6,5Z" },
  parleys: { words: "let pass under parley", colour: "#CC79A7", shape: "M0,-6L6,0L0,6L-6,0Z" },
  stands_aside: { words: "stood aside", colour: "#566070", shape: "M-4.5,-4.5H4.5V4.5H-4.5Z" },
  untested: { words: "not met yet", colour: "#FFFFFF", shape: "M-4.5,-4.5H4.5V4.5H-4.5Z" },
};

function mark(conduct, x, y) {
  const { colour, shape } = DID[conduct];
  const line = conduct === "fights" ? { stroke: colour, "stroke-width": 3.5, fill: "none" } : { fill: colour, stroke: conduct === "untested" ? MUTED : "#fff", "stroke-width": 1.2 };
  return el("path", { d: shape, transform: `translate(${x},${y})`, ...line });
}

// Position on the road of a distance to the capital, between the towns in proportion.
function road(towns) {
  const sorted = [...towns].sort((a, b) => a.road_km - b.road_km);
  return (km) => {
    let i = 1;
    while (i < sorted.length - 1 && sorted[i].road_km < km) i += 1;
    const [a, b] = [sorted[i - 1], sorted[i]], part = (km - a.road_km) / (b.road_km - a.road_km);
    return { lat: a.lat + part * (b.lat - a.lat), lon: a.lon + part * (b.lon - a.lon) };
  };
}

export function drawMap(box, course, other, at) {
  const height = 610, map = course.map, step = course.steps[at];
  const { svg, width } = canvas(box, height, `Map at hour ${number(step.hour)}: the column ${step.km.toFixed(0)} km from the capital`);
  const position = road(map.towns), far = Math.max(map.start_km, step.km);
  const ends = [position(0), position(far)];
  const south = Math.min(...ends.map((p) => p.lat)) - 0.25, north = Math.max(...ends.map((p) => p.lat)) + 0.3;
  const scale = height / (north - south), stretch = Math.cos(((north + south) / 2 / 180) * Math.PI);
  const towns = map.towns.filter((town) => town.road_km <= far);
  const lons = towns.map((town) => town.lon), middle = (Math.min(...lons) + Math.max(...lons)) / 2;
  const centre = Math.max(width * 0.555, 184);
  const xy = (p) => [centre + (p.lon - middle) * stretch * scale, (north - p.lat) * scale];
  const along = (from, to) => {
    const kms = [from, ...towns.map((town) => town.road_km).filter((km) => km > from && km < to).sort((a, b) => a - b), to];
    return kms.map((km) => xy(position(km)).map((v) => v.toFixed(1)).join(",")).join(" ");
  };
  svg.append(el("rect", { x: 0, y: 0, width, height, fill: WASH, rx: 8 }));
  svg.append(el("polyline", { points: along(0, map.start_km), fill: "none", stroke: "#9AA3AF", "stroke-width": 4, "stroke-linejoin": "round" }));
  if (step.km < map.start_km) svg.append(el("polyline", { points: along(step.km, map.start_km), fill: "none", stroke: COLUMN, "stroke-width": 5, "stroke-linejoin": "round" }));
  scaleBar(svg, scale, height);
  names(svg, towns, xy, height);
  line(svg, map, step, xy(position(map.line_km)));
  formations(svg, map, step, (km) => xy(position(km)), width, height);
  column(svg, step, xy(position(step.km)), other !== course && other ? xy(position(other.steps[Math.min(at, other.steps.length - 1)].km)) : null);
  key(other !== course);
}

function scaleBar(svg, scale, height) {
  const length = (100 / 111.2) * scale;
  svg.append(el("line", { x1: 12, x2: 12 + length, y1: height - 12, y2: height - 12, stroke: INK, "stroke-width": 2.5 }));
  svg.append(text(12 + length / 2, height - 18, "100 km", { "text-anchor": "middle", "font-size": 12 }));
}

function names(svg, towns, xy, height) {
  const at = towns.map(xy), places = spread(at.map((p) => p[1]), 17, 12, height - 44);
  towns.forEach((town, i) => {
    const [x, y] = at[i], edge = x - 20;
    svg.append(el("polyline", { points: `${x},${y} ${edge + 3},${places[i]}`, fill: "none", stroke: FAINT }));
    svg.append(el("circle", { cx: x, cy: y, r: 4, fill: "#fff", stroke: INK, "stroke-width": 1.6 }));
    const capital = town.road_km === 0, name = town.name.replace(" at Kashira", "").replace("Road block of lorries", "Road block");
    svg.append(text(edge, places[i] + 4, `${name} ${town.road_km}`, { "text-anchor": "end", "font-size": capital ? 14 : 12, "font-weight": capital ? 700 : 400 }));
  });
}

function line(svg, map, step, [x, y]) {
  const thick = step.line_up ? 3 + Math.min(step.line, 12) : 3;
  svg.append(el("line", { x1: x - 18, x2: x + 46, y1: y, y2: y, stroke: LINE, "stroke-width": thick, opacity: 0.85, ...(step.line_up ? {} : { "stroke-dasharray": "5 5" }) }));
  const words = step.battle === 2 || !step.line_up ? "line broken" : step.battle === 1 ? "battle at the line" : `line ${step.line.toFixed(1)} thousand`;
  svg.append(text(x + 52, y + 5, words, { fill: LINE, "font-weight": 650, class: "halo" }));
}

function formations(svg, map, step, at, width, height) {
  const road = map.formations.slice(0, ON_ROAD).map(at), places = spread(road.map((p) => p[1]), 15, 12, height - 14);
  road.forEach(([x, y], j) => {
    const side = Math.min(x + 34, width - 86);
    svg.append(el("line", { x1: x + 4, y1: y, x2: side - 8, y2: places[j], stroke: FAINT }));
    svg.append(mark(step.conduct[j], side, places[j]));
    if (step.conduct[j] !== "untested") svg.append(text(side + 11, places[j] + 4, DID[step.conduct[j]].words.replace(" under parley", ""), { "font-size": 12, class: "halo" }));
  });
  [[ON_ROAD, TO_LINE, 20], [TO_LINE, map.formations.length, 0]].forEach(([from, to, down]) => {
    if (step.conduct.slice(from, to).every((did) => did === "untested")) return;
    const [x, y] = at(map.formations[from]);
    step.conduct.slice(from, to).forEach((did, j) => svg.append(mark(did, x + 58 + 15 * j, y + down)));
  });
}

function column(svg, step, [x, y], ghost) {
  if (ghost && Math.hypot(ghost[0] - x, ghost[1] - y) > 3) svg.append(el("circle", { cx: ghost[0], cy: ghost[1], r: 9, fill: "none", stroke: COLUMN, "stroke-width": 2.5, "stroke-dasharray": "4 3" }));
  svg.append(el("circle", { cx: x, cy: y, r: 7 + 0.5 * step.rebels, fill: COLUMN, stroke: "#fff", "stroke-width": 2 }));
}

function key(compares) {
  const ghost = compares ? " Dashed ring: the same luck in the reference." : "";
  document.getElementById("map-key").textContent =
    `Blue: the column and its way. Marks beside the road: formations, as they acted.${ghost} Numbers: road km to the capital.`;
}
