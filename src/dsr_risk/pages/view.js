"use strict";
// Drawing: a root (the document, or the shadow root of a notebook cell), data, and where the state is kept.
function view(root, D, store) {
  const n = D.codes.length, L = D.n_indicators, N = D.names.length, [LOW, HIGH] = D.scale;
  const $ = (id) => root.getElementById(id), all = (query) => Array.from(root.querySelectorAll(query));
  const model = riskModel(D);
  let state = model.published(), found = model.evaluate(state), current = null, drawn = null;
  let sort = { h: 0, by: "score", down: true };

  // Text goes in as text, never as markup.
  function el(tag, attrs, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attrs || {})) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }
  const fixed = (x, digits = D.decimals) => (x === null || Number.isNaN(x) ? "–" : x.toFixed(digits));
  const short = (x) => x === null ? "–" : Math.abs(x) < 1000 ? String(Number(x.toPrecision(6)))
    : x.toLocaleString("en-US", { maximumFractionDigits: Math.abs(x) < 1e5 ? 2 : 0 });
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const set = (node, key, value) => { if (node.getAttribute(key) !== value) node.setAttribute(key, value); };
  const value = (i, h) => (found.printed[h][i] ? found.values[i * N + D.headlines[h]] : NaN);
  function band(x) {
    let label = null;
    for (const [name, start] of D.bands) if (x + 1e-9 * (HIGH - LOW) >= start) label = name;
    return label;
  }
  function chip(label) {
    if (!label || !D.colours[label]) return document.createTextNode(label || "–");
    const out = el("span", { class: "band" }, label);
    out.style.background = D.colours[label][0];
    out.style.color = D.colours[label][1];
    return out;
  }
  const heading = (names) => el("thead", {}, el("tr", {}, ...names.map((one) => el("th", { scope: "col" }, one))));
  const cell = (text) => el("td", {}, text);
  const digits = (text) => el("td", { class: "n" }, text);
  // A heading stands over its numbers.
  function aligned(table) {
    const [first, ...others] = table.tHead && table.tBodies.length ? [...table.tBodies[0].rows] : [];
    if (!first) return table;
    const row = others.reduce((most, one) => (one.cells.length > most.cells.length ? one : most), first);
    [...row.cells].forEach((one, k) => { if (one.classList.contains("n")) table.tHead.rows[0].cells[k].classList.add("n"); });
    return table;
  }
  const scroll = (label, ...tables) =>
    el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, ...tables.map(aligned));

  // -- the table of scores
  let rows = [], placed = "", every = false;
  function buildTable() {
    const add = (text, key) => {
      const button = el("button", { type: "button" }, text);
      const column = el("th", { scope: "col", class: key.by === "name" ? "" : "n" }, button);
      button.addEventListener("click", () => {
        sort = { ...key, down: sort.h === key.h && sort.by === key.by ? !sort.down : key.by === "score" };
        all("#head th").forEach((one) => one.removeAttribute("aria-sort"));
        column.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
        order();
      });
      $("head").append(column);
    };
    add(D.kind === "country" ? "Country" : "Unit", { h: -1, by: "name" });
    D.headlines.forEach((node, h) => {
      add(D.titles[node], { h, by: "score" });
      add("Rank", { h, by: "rank" });
      $("head").append(el("th", { scope: "col" }, "Band"));
    });
    rows = D.codes.map((code, i) => {
      const link = el("button", { type: "button", class: "link" }, D.countries[i]);
      link.addEventListener("click", () => show(i));
      const row = el("tr", {}, el("th", { scope: "row" }, link, el("span", {})));
      for (const node of D.headlines) row.append(el("td", { class: "n", "data-h": D.titles[node] }),
        el("td", { class: "n", "data-h": "Rank" }), el("td", { "data-h": "Band" }));
      return row;
    });
    $("rows").append(...rows);
  }
  function order() {
    const { h, by, down } = sort, sign = down ? -1 : 1;
    const key = (i) => (!found.printed[h][i] ? NaN : by === "rank" ? found.ranks[h][i] : value(i, h));
    const keys = by === "name" ? null : D.codes.map((_, i) => key(i));
    const places = D.codes.map((_, i) => i).sort((p, q) => {
      if (!keys) return sign * D.countries[p].localeCompare(D.countries[q]);
      const a = keys[p], b = keys[q];
      if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) - Number.isNaN(b);
      return sign * (a - b) || p - q;
    });
    const text = places.join();
    if (text === placed) return;
    placed = text;
    // Only rows that are out of place move: every move costs layout.
    const body = $("rows");
    let next = null;
    for (let at = places.length - 1; at >= 0; at--) {
      const row = rows[places[at]];
      if (row.nextSibling !== next || row.parentNode !== body) body.insertBefore(row, next);
      next = row;
    }
  }
  function filter() {
    const text = $("filter").value.trim().toLowerCase(), region = $("region").value, wanted = $("inband").value;
    let shown = 0;
    // A narrow screen starts with the first countries; a filter looks through all.
    $("table").classList.toggle("few", !(every || text || region || wanted));
    rows.forEach((row, i) => {
      const bands = D.headlines.map((_, h) => band(value(i, h)));
      row.hidden = Boolean((text && !D.countries[i].toLowerCase().includes(text) && D.codes[i].toLowerCase() !== text)
        || (region && D.regions[i] !== region) || (wanted && !bands.includes(wanted)));
      shown += row.hidden ? 0 : 1;
    });
    put($("count"), shown + " of " + n + (D.kind === "country" ? " countries." : " units."));
  }

  // -- map and quadrant
  const median = (list) => {
    const sorted = list.filter((x) => !Number.isNaN(x)).sort((a, b) => a - b), m = sorted.length >> 1;
    return !sorted.length ? NaN : sorted.length % 2 ? sorted[m] : (sorted[m - 1] + sorted[m]) / 2;
  };
  const NAMED = 40;
  const charts = chartsOf(window.vegaEmbed);
  function onMap(shape) {
    const i = shape.place, x = i < 0 ? NaN : value(i, Number($("mapped").value));
    const label = i === -2 ? "not in the selection" : Number.isNaN(x) ? "no score" : band(x);
    return { ...shape, band: label, says: i < 0 ? label : `${D.countries[i]}: ${fixed(x)}, ${label}` };
  }
  function inQuadrant() {
    const both = D.codes.map((_, i) => [value(i, 0), value(i, 1)]);
    const sum = both.map(([x, y]) => x + y), limit = sum.filter((x) => !Number.isNaN(x)).sort((a, b) => b - a)[NAMED - 1];
    return both.map(([x, y], i) => {
      const none = Number.isNaN(sum[i]);
      return { place: i, country: D.countries[i], x: none ? null : x, y: none ? null : y, chosen: i === current,
        says: `${D.countries[i]}: ${fixed(x)}, ${fixed(y)}`, named: !none && !(sum[i] < limit), band: none ? "no score" : band(Math.max(x, y)) };
    });
  }
  function addCharts() {
    const height = Math.min(320, Math.round(0.47 * $("map").clientWidth));
    if (D.kind !== "country") $("map-part").hidden = true;
    else charts.add($("map"), { ...D.charts.map, height }, () => ({ areas: D.areas.map(onMap), dots: D.dots.map(onMap) }), show);
    if (D.charts.quadrant) charts.add($("quadrant"), D.charts.quadrant, () => ({ countries: inQuadrant() }), show);
    else $("quadrant-part").hidden = true;
    D.still.forEach((spec, number) => { if (spec) charts.add($("still-" + number), spec); });
  }
  // The basis follows the weights; how much is estimated stays as published.
  const marked = (i) => (D.headlines.some((_, h) => found.printed[h][i] && found.basis[h][i]) ? "★" : "")
    + D.marks[i].replace("★", "");
  function draw() {
    rows.forEach((row, i) => put(row.firstChild.lastChild, marked(i) && " " + marked(i)));
    rows.forEach((row, i) => D.headlines.forEach((head, h) => {
      const x = value(i, h), cells = row.cells, label = Number.isNaN(x) ? null : band(x), last = cells[3 + 3 * h];
      put(cells[1 + 3 * h], fixed(x));
      put(cells[2 + 3 * h], found.printed[h][i] ? String(found.ranks[h][i]) : "–");
      if (last.dataset.band !== String(label)) {
        last.dataset.band = String(label);
        last.replaceChildren(chip(label));
      }
    }));
    put($("moved"), model.moved(state) ? "Moved: these are not the published scores." : "As published.");
  }
  function update() {
    found = model.evaluate(state);
    draw();
    order();
    if ($("inband").value) filter();
    if (current !== null) show(current, false);
    drawn = charts.update();
  }
  function changed() {
    store.keep(model.link(state), model.moved(state) ? model.yaml(state) : "");
    update();
  }

  // -- a country
  // On a narrow screen all parts of a country but the first start folded; print has every part.
  const shut = new Set();
  let narrow = window.matchMedia("(max-width: 640px)").matches;
  const folds = () => [...$("country").querySelectorAll("details")];
  window.addEventListener("beforeprint", () => folds().forEach((one) => { one.dataset.was = one.open; one.open = true; }));
  window.addEventListener("afterprint", () => folds().forEach((one) => { one.open = one.dataset.was === "true"; }));
  const country = countryView({ D, model, el, cell, digits, heading, scroll, fixed, short, chip, band, median, charts });
  function show(i, move = true) {
    current = i;
    const box = $("country");
    if (!move && box.querySelector("#chosen")) return country.follow(i, found);
    box.querySelectorAll("details").forEach((one) => (one.open ? shut.delete : shut.add).call(shut, one.dataset.part));
    charts.clear(box);
    box.replaceChildren(...country.build(i, found));
    country.draw();
    if (narrow) folds().slice(1).forEach((one) => shut.add(one.dataset.part));
    narrow = false;
    box.querySelectorAll("details").forEach((one) => { one.open = !shut.has(one.dataset.part); });
    if (move) { drawn = charts.update(); box.querySelector("h2").focus(); box.scrollIntoView(); }
  }

  // -- controls
  function numeric(id, text, start, check, then) {
    const input = el("input", { type: "number", id, step: "any", value: String(start), "aria-label": text });
    input.addEventListener("input", () => {
      const x = input.value.trim() === "" ? NaN : Number(input.value), good = check(x);
      input.setAttribute("aria-invalid", String(!good));
      if (good) { then(x); changed(); }
    });
    return input;
  }
  function goalposts(k, row) {
    const posts = D.posts[k], now = state.posts[k] || [posts.low, posts.high];
    const read = (end) => Number($(end + "-" + k).value);
    const check = () => model.allowed(k, read("l"), read("u"));
    const then = () => {
      const pair = [read("l"), read("u")];
      for (const end of ["l", "u"]) $(end + "-" + k).setAttribute("aria-invalid", "false");
      state.posts[k] = pair[0] === posts.low && pair[1] === posts.high ? null : pair;
    };
    row.append(el("span", {}, posts.learned ? "learned goalposts" : "goalposts"),
      numeric("l-" + k, "lower goalpost of " + D.titles[k], now[0], check, then), "to",
      numeric("u-" + k, "upper goalpost of " + D.titles[k], now[1], check, then),
      el("span", { class: "unit" }, D.units[k] + (posts.curve === "linear" ? "" : ", on a logarithmic curve")));
  }
  function controls() {
    const box = $("controls");
    if (!model.live) return box.append(el("p", {}, "This framework uses a method that the page does not recalculate: the scores stand as published."));
    for (const k of D.order) {
      const row = el("div", { class: "control" }), rest = el("span", { class: "rest" });
      row.style.marginLeft = 0.8 * D.depth[k] + "rem";
      if (D.depth[k] > 0) {
        row.append(el("label", { for: "w-" + k }, D.titles[k]), numeric("w-" + k, "weight of " + D.titles[k],
          state.weights[k], (x) => model.weighable(state, k, x), (x) => { state.weights[k] = x; }));
      } else row.append(el("strong", {}, D.titles[k]));
      if (D.methods[k]) {
        const select = el("select", { id: "a-" + k, "aria-label": "aggregation of " + D.titles[k] });
        select.append(el("option", { value: "" }, "as published"));
        for (const name of Object.keys(D.choices)) select.append(el("option", { value: name }, name));
        select.value = model.choice(state, k) || "";
        select.addEventListener("change", () => {
          state.methods[k] = select.value ? D.choices[select.value] : D.methods[k];
          changed();
        });
        rest.append(select);
      }
      if (k < L) {
        if (D.posts[k]) goalposts(k, rest);
        else rest.append(el("span", { class: "unit" }, "fixed: " + D.fixed[k]));
      }
      row.append(rest);
      box.append(row);
    }
  }
  function start() {
    state = model.live ? model.parse(store.read()) : model.published();
    $("controls").replaceChildren();
    controls();
    update();
  }
  buildTable();
  D.headlines.forEach((head, h) => $("mapped").append(el("option", { value: String(h) }, D.titles[head])));
  $("region").parentNode.hidden = !D.regions.some(Boolean);
  for (const one of [...new Set(D.regions)].filter(Boolean).sort()) $("region").append(el("option", { value: one }, one));
  for (const [name] of D.bands) $("inband").append(el("option", { value: name }, name));
  for (const i of D.codes.map((_, i) => i).sort((a, b) => D.countries[a].localeCompare(D.countries[b])))
    $("pick").append(el("option", { value: String(i) }, D.countries[i]));
  $("pick").addEventListener("change", () => { if ($("pick").value) show(Number($("pick").value)); });
  $("every").addEventListener("click", () => { every = true; filter(); rows[0].querySelector("button").focus(); });
  for (const id of ["filter", "region", "inband"]) $(id).addEventListener("input", filter);
  $("mapped").addEventListener("change", charts.update);
  $("reset").addEventListener("click", () => { store.keep("", ""); start(); });
  $("save").addEventListener("click", () => {
    const link = el("a", { download: D.framework.name + ".yaml",
      href: URL.createObjectURL(new Blob([model.yaml(state)], { type: "application/yaml" })) });
    link.click();
  });
  start();
  filter();
  addCharts();
  return { D, model, start, show, charts, ready: charts.ready, get state() { return state; }, get found() { return found; },
    get drawn() { return drawn; } };
}
