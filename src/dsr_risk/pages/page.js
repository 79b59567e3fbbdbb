"use strict";
const D = JSON.parse(document.getElementById("data").textContent);
const n = D.codes.length, L = D.leaves, N = D.names.length, [LOW, HIGH] = D.scale;
const $ = (id) => document.getElementById(id);

// -- evaluation: every mean is the inverse of a weighted sum of g; missing children share their weight
function mean(method) {
  const id = (x) => x;
  if (method.method === "geometric") return [Math.log, Math.exp];
  if (method.method === "harmonic") return [(x) => 1 / x, (y) => 1 / y];
  if (method.method === "power") {
    const p = method.p;
    return p === 2 ? [(x) => x * x, Math.sqrt] : [(x) => Math.pow(x, p), (y) => Math.pow(y, 1 / p)];
  }
  return [id, id];
}
function offset(method) {
  if (method.method === "geometric" || method.method === "harmonic") return method.offset;
  return method.method === "power" && method.p < 0 ? method.offset : 0;
}
function lift(method) {
  const o = offset(method);
  return [o + (o * LOW) / (HIGH - LOW), 1 - o / (HIGH - LOW)];
}
function run(state, steps, leaf, has) {
  const values = new Float64Array(n * N).fill(NaN);
  for (let i = 0; i < n; i++) for (let k = 0; k < L; k++) {
    const x = leaf(i, k);
    if (x !== null) values[i * N + k] = x;
  }
  for (const { branch, pair: [g, inverse], lifted: [a, b] } of steps) {
    for (let i = 0; i < n; i++) {
      if (!has(i, branch.node)) continue;
      let top = 0, bottom = 0, low = Infinity, high = -Infinity;
      for (const child of branch.children) {
        const value = values[i * N + child], w = state.weights[child];
        if (Number.isNaN(value) || !(w > 0)) continue;
        const up = a + b * value;
        top += w * g(up); bottom += w;
        if (up < low) low = up;
        if (up > high) high = up;
      }
      if (bottom > 0) {
        const m = Math.min(high, Math.max(low, inverse(top / bottom)));
        values[i * N + branch.node] = (m - a) / b;
      }
    }
  }
  return values;
}
// Which scores are printed: enough of the applicable weight is observed, or the hard bounds are narrow.
function printing(state, steps, values) {
  const share = new Float64Array(n * N), applies = new Uint8Array(n * N);
  for (let i = 0; i < n; i++) for (let k = 0; k < L; k++) {
    share[i * N + k] = D.share[i][k]; applies[i * N + k] = D.applies[i][k];
  }
  for (const { branch } of steps) for (let i = 0; i < n; i++) {
    let top = 0, bottom = 0;
    for (const c of branch.children) if (applies[i * N + c]) {
      top += state.weights[c] * share[i * N + c]; bottom += state.weights[c];
    }
    applies[i * N + branch.node] = bottom > 0 ? 1 : 0;
    share[i * N + branch.node] = bottom > 0 ? top / bottom : 0;
  }
  let ends = null;
  if (D.bounds) ends = D.bounds.map((one) => run(state, steps,
    (i, k) => (D.applies[i][k] ? one[i][k] : null), (i, node) => applies[i * N + node]));
  const open = D.bounds && D.codes.map((_, i) => D.heads.map((head) => D.applies[i].some((one, k) =>
    one && D.head[k] === head && D.bounds.some((end) => end[i][k] === null))));
  return D.heads.map((head, h) => D.codes.map((_, i) => {
    const place = i * N + head, [least, most] = D.printing[h];
    if (Number.isNaN(values[place]) || !D.has[i][head - L]) return false;
    if (share[place] >= least - 1e-12) return true;
    if (most === null) return false;
    const width = open[i][h] ? HIGH - LOW : ends[1][place] - ends[0][place];
    return width <= most + 1e-12;
  }));
}
function evaluate(state) {
  const points = new Float64Array(n * N).fill(NaN);
  const steps = D.branches.map((branch) => {
    const method = state.methods[branch.node];
    return { branch, pair: mean(method), lifted: lift(method) };
  });
  const values = run(state, steps, (i, k) => D.x[i][k], (i, node) => D.has[i][node - L]);
  const printed = printing(state, steps, values);
  // Contributions against the floor: w (g(x) - g(f)) (M - f) / (g(M) - g(f)), multiplied down the tree.
  for (const head of D.heads) for (let i = 0; i < n; i++) points[i * N + head] = values[i * N + head] - LOW;
  for (const { branch, pair: [g], lifted: [a, b] } of steps.slice().reverse()) {
    const gf = g(a + b * LOW);
    for (let i = 0; i < n; i++) {
      const whole = values[i * N + branch.node];
      if (Number.isNaN(whole)) continue;
      const share = whole === LOW ? 0 : points[i * N + branch.node] / (g(a + b * whole) - gf);
      let bottom = 0;
      for (const c of branch.children) if (!Number.isNaN(values[i * N + c])) bottom += state.weights[c];
      for (const c of branch.children) {
        const x = values[i * N + c];
        if (!Number.isNaN(x)) points[i * N + c] = (state.weights[c] / bottom) * (g(a + b * x) - gf) * share;
      }
    }
  }
  const ranks = D.heads.map((head, h) => {
    const out = new Array(n).fill(null), tie = 1e-9 * (HIGH - LOW);
    for (const group of [0, 1]) {
      const rows = [];
      for (let i = 0; i < n; i++) if (printed[h][i] && D.partial[h][i] === group) rows.push(i);
      rows.sort((p, q) => values[q * N + head] - values[p * N + head]);
      rows.forEach((row, place) => {
        const before = place ? rows[place - 1] : -1;
        const tied = place && values[before * N + head] - values[row * N + head] <= tie;
        out[row] = tied ? out[before] : place + 1;
      });
    }
    return out;
  });
  return { values, points, ranks, printed };
}

// -- state: as published, as moved, in the link
const published = () => ({ weights: D.weights.slice(), methods: JSON.parse(JSON.stringify(D.methods)) });
let state = published(), found = evaluate(state), sort = { h: 0, by: "score", down: true };
let worst = 0;
for (let i = 0; i < n; i++) D.heads.forEach((head, h) => {
  if (D.printed[h][i]) worst = Math.max(worst, Math.abs(found.values[i * N + head] - D.scores[h][i]));
});
const live = D.known && worst <= 1e-9 * (HIGH - LOW)
  && JSON.stringify(found.printed) === JSON.stringify(D.printed);
if (!live) found = { values: Float64Array.from(D.values.flat(), (x) => (x === null ? NaN : x)),
  points: new Float64Array(n * N).fill(NaN), ranks: D.ranks, printed: D.printed };
function fromLink() {
  state = published();
  if (!live) return;
  for (const [key, text] of new URLSearchParams(location.hash.slice(1))) {
    const [kind, name] = [key[0], key.slice(2)], node = D.names.indexOf(name), value = Number(text);
    if (node < 0) continue;
    if (kind === "w" && value > 0 && Number.isFinite(value)) state.weights[node] = value;
    if (kind === "a" && D.choices[text] && D.methods[node]) state.methods[node] = D.choices[text];
  }
}
function toLink() {
  const out = new URLSearchParams();
  D.names.forEach((name, k) => {
    if (state.weights[k] !== D.weights[k]) out.set("w." + name, String(state.weights[k]));
    if (D.methods[k] && state.methods[k] !== D.methods[k]) {
      const key = Object.keys(D.choices).find((one) => D.choices[one] === state.methods[k]);
      if (key) out.set("a." + name, key);
    }
  });
  history.replaceState(null, "", "#" + out.toString());
}

// -- drawing: text goes in as text, never as markup
function el(tag, attrs, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attrs || {})) node.setAttribute(key, value);
  for (const child of children) node.append(child);
  return node;
}
const fixed = (x, digits = 1) => (x === null || Number.isNaN(x) ? "–" : x.toFixed(digits));
function band(x) {
  let label = null;
  for (const [name, start] of D.bands) if (x + 1e-9 * (HIGH - LOW) >= start) label = name;
  return label;
}
function chip(label) {
  if (!label) return document.createTextNode("–");
  const out = el("span", { class: "band" }, label);
  out.style.background = D.colours[label][0];
  out.style.color = D.colours[label][1];
  return out;
}
let rows = [], placed = "";
function buildTable() {
  const head = $("head"), body = $("rows");
  const add = (text, key) => {
    const button = el("button", { type: "button" }, text);
    button.addEventListener("click", () => {
      sort = { ...key, down: sort.h === key.h && sort.by === key.by ? !sort.down : key.by === "score" };
      order();
    });
    head.append(el("th", { scope: "col" }, button));
  };
  add("Country", { h: -1, by: "name" });
  D.heads.forEach((node, h) => {
    add(D.titles[node], { h, by: "score" });
    add("Rank", { h, by: "rank" });
    head.append(el("th", { scope: "col" }, "Band"));
  });
  rows = D.codes.map((code, i) => {
    const link = el("button", { type: "button", class: "link" }, D.countries[i]);
    link.addEventListener("click", () => show(i));
    const row = el("tr", {}, el("th", { scope: "row" }, link));
    if (D.marks[i]) row.firstChild.append(" " + D.marks[i]);
    D.heads.forEach((node, h) => {
      row.append(el("td", { class: "n", "data-h": D.titles[node] }), el("td", { class: "n", "data-h": "Rank" }),
        el("td", { "data-h": "Band" }));
    });
    body.append(row);
    return row;
  });
}
function order() {
  const { h, by, down } = sort, sign = down ? -1 : 1;
  const key = (i) => (by === "name" ? D.countries[i]
    : !found.printed[h][i] ? NaN : by === "rank" ? found.ranks[h][i] : found.values[i * N + D.heads[h]]);
  const places = D.codes.map((_, i) => i).sort((p, q) => {
    if (by === "name") return sign * D.countries[p].localeCompare(D.countries[q]);
    const a = key(p), b = key(q);
    if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
    return sign * (a - b) || p - q;
  });
  const key_ = places.join();
  if (key_ === placed) return;
  placed = key_;
  $("rows").append(...places.map((i) => rows[i]));
}
function filter() {
  const text = $("filter").value.trim().toLowerCase(), region = $("region").value;
  let shown = 0;
  rows.forEach((row, i) => {
    const hide = (text && !D.countries[i].toLowerCase().includes(text) && D.codes[i].toLowerCase() !== text)
      || (region && D.regions[i] !== region);
    row.hidden = Boolean(hide);
    shown += hide ? 0 : 1;
  });
  $("count").textContent = shown + " of " + n + " countries shown.";
}
const put = (cell, text) => { if (cell.textContent !== text) cell.textContent = text; };
const areas = Array.from(document.querySelectorAll("[data-code]"),
  (path) => [path, D.codes.indexOf(path.dataset.code)]);
function draw() {
  rows.forEach((row, i) => D.heads.forEach((head, h) => {
    const value = found.printed[h][i] ? found.values[i * N + head] : NaN, cells = row.cells;
    put(cells[1 + 3 * h], fixed(value));
    put(cells[2 + 3 * h], found.printed[h][i] ? String(found.ranks[h][i]) : "–");
    const label = Number.isNaN(value) ? null : band(value), cell = cells[3 + 3 * h];
    if (cell.dataset.band !== String(label)) {
      cell.dataset.band = String(label);
      cell.replaceChildren(chip(label));
    }
  }));
  const h = Number($("mapped").value);
  for (const [path, i] of areas) {
    const value = i >= 0 && found.printed[h][i] ? found.values[i * N + D.heads[h]] : NaN;
    const fill = Number.isNaN(value) ? "url(#none)" : D.colours[band(value)][0];
    if (path.getAttribute("fill") !== fill) path.setAttribute("fill", fill);
  }
  $("moved").textContent = JSON.stringify(state) === JSON.stringify(published())
    ? "As published." : "Weights or aggregation are moved: these are not the published scores.";
}
function update() {
  if (live) found = evaluate(state);
  draw();
  order();
  if (current !== null) show(current, false);
}
let current = null;
function show(i, move = true) {
  current = i;
  const box = $("country");
  box.replaceChildren(el("h2", { tabindex: "-1" }, D.countries[i]));
  D.heads.forEach((head, h) => {
    box.append(el("h3", {}, D.titles[head]));
    if (!found.printed[h][i]) return box.append(el("p", {}, "No score: " + (D.reasons[h][i] || "too little is observed with these weights")));
    const value = found.values[i * N + head];
    const line = el("p", {}, fixed(value) + " of " + HIGH + ", rank " + found.ranks[h][i] + " ");
    line.append(chip(band(value)));
    if (D.intervals[h]) {
      const [a, b, c, d] = D.intervals[h][i];
      if (a !== null) line.append(` As published: score ${fixed(a)} to ${fixed(b)}, rank ${c} to ${d} (90 % of draws).`);
    }
    box.append(line);
    const list = el("tbody");
    const nodes = D.order.filter((k) => D.head[k] === head && k !== head);
    for (const k of nodes) {
      const points = found.points[i * N + k], size = Math.max(0, Math.min(100, (100 * points) / (HIGH - LOW)));
      const bar = el("span", { class: "bar" });
      bar.style.width = size + "%";
      const cells = k < L ? D.cells[i][k] : ["", "", ""];
      const title = el("th", { scope: "row" }, D.titles[k]);
      title.style.paddingLeft = 0.4 + 0.9 * (D.depth[k] - 1) + "rem";
      list.append(el("tr", {}, title, el("td", { class: "n" }, fixed(found.values[i * N + k])),
        el("td", { class: "n" }, fixed(points, 2)), el("td", { class: "w" }, bar),
        el("td", {}, cells[0]), el("td", {}, cells[1]), el("td", {}, cells[2])));
    }
    const names = ["Part", "Value", "Points", "Share of the scale", "State", "Year", "Source"];
    const heads = el("tr", {}, ...names.map((one) => el("th", { scope: "col" }, one)));
    box.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": D.titles[head] },
      el("table", {}, el("thead", {}, heads), list)));
  });
  if (move) box.querySelector("h2").focus();
}
function controls() {
  const box = $("controls");
  if (!live) return box.append(el("p", {}, "This framework uses a method that the page does not recalculate: the scores stand as published."));
  for (const k of D.order) {
    const row = el("div", { class: "control" });
    row.style.marginLeft = 0.8 * D.depth[k] + "rem";
    const id = "w-" + k;
    if (D.depth[k] > 0) {
      const input = el("input", { type: "number", id, min: "0.001", step: "any", value: String(state.weights[k]) });
      input.addEventListener("input", () => {
        const value = Number(input.value);
        input.setAttribute("aria-invalid", String(!(value > 0 && Number.isFinite(value))));
        if (!(value > 0 && Number.isFinite(value))) return;
        state.weights[k] = value; toLink(); update();
      });
      row.append(el("label", { for: id }, D.titles[k]), input);
    } else row.append(el("strong", {}, D.titles[k]));
    if (D.methods[k]) {
      const select = el("select", { id: "a-" + k, "aria-label": "aggregation of " + D.titles[k] });
      select.append(el("option", { value: "" }, "as published"));
      for (const name of Object.keys(D.choices)) select.append(el("option", { value: name }, name));
      const key = Object.keys(D.choices).find((one) => D.choices[one] === state.methods[k]);
      select.value = key || "";
      select.addEventListener("change", () => {
        state.methods[k] = select.value ? D.choices[select.value] : D.methods[k]; toLink(); update();
      });
      row.append(select);
    }
    box.append(row);
  }
}
function framework() {
  const out = JSON.parse(JSON.stringify(D.framework));
  const visit = (node) => {
    const k = D.names.indexOf(node.name);
    if (node.children) {
      if (state.methods[k] !== D.methods[k]) node.aggregation = state.methods[k];
      if (node.children.some((c) => state.weights[D.names.indexOf(c.name)] !== D.weights[D.names.indexOf(c.name)])) {
        delete node.weighting;
        for (const c of node.children) c.weight = state.weights[D.names.indexOf(c.name)];
      }
      node.children.forEach(visit);
    }
  };
  out.scores.forEach(visit);
  return JSON.stringify(out, null, 1);
}
function start() {
  fromLink();
  $("controls").replaceChildren();
  controls();
  update();
}
buildTable();
for (const [h, head] of D.heads.entries()) $("mapped").append(el("option", { value: String(h) }, D.titles[head]));
for (const one of [...new Set(D.regions)].filter(Boolean).sort()) $("region").append(el("option", { value: one }, one));
$("filter").addEventListener("input", filter);
$("region").addEventListener("change", filter);
$("mapped").addEventListener("change", draw);
$("reset").addEventListener("click", () => { history.replaceState(null, "", "#"); start(); });
$("save").addEventListener("click", () => {
  const link = el("a", { download: D.framework.name + ".yaml",
    href: URL.createObjectURL(new Blob([framework()], { type: "application/yaml" })) });
  link.click();
});
window.addEventListener("hashchange", start);
start();
filter();
