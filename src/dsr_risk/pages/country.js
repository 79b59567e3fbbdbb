"use strict";
// One country: its scores, drivers, cells, panels of context, scenarios, and what changed.
function countryView({ D, model, el, cell, digits, heading, scroll, fixed, short, chip, band, median, charts }) {
  const n = D.codes.length, L = D.n_indicators, N = D.names.length, [LOW, HIGH] = D.scale;
  const text = (number) => D.texts[number];
  const part = (title, ...children) =>
    el("details", { open: "", "data-part": title }, el("summary", {}, el("h3", {}, title)), ...children);
  // What a move changes is kept as [text, how to write it], and written in place.
  let live = [];
  function alive(node, write) { live.push([node, write]); write(node, live.found); return node; }
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const number = (of, places) => alive(digits(""), (node, found) => put(node, fixed(of(found), places)));
  // A chart of the country waits until its box is in the page.
  let waiting = [];
  function chart(kind, label, shown, rows) {
    const box = el("div", { class: "chart", role: "img", "aria-label": label + "; the table below holds the same values" });
    const spec = D.charts[kind], titles = { ...spec.params[0], value: shown.map((k) => D.titles[k]) };
    waiting.push(() => charts.add(box, { ...spec, params: [titles], height: 20 * shown.length }, () => ({ parts: shown.map(rows) })));
    return box;
  }
  const known = (x) => (x === null || Number.isNaN(x) ? null : x);
  function draw() { waiting.forEach((add) => add()); waiting = []; }
  function summary(i, h) {
    return alive(el("p"), (line, found) => {
      if (!found.printed[h][i]) {
        const why = D.printed[h][i] ? "too little is observed with these weights" : D.reasons[h][i];
        return put(line, "No score: " + (why || "not printed as published"));
      }
      const x = found.values[i * N + D.headlines[h]];
      line.replaceChildren(`${fixed(x)} on ${LOW}–${HIGH}, rank ${found.ranks[h][i]} `, chip(band(x)));
      if (!D.intervals[h]) return;
      const [a, b, c, d] = D.intervals[h][i];
      if (a !== null) line.append(` As published: score ${fixed(a)} to ${fixed(b)}, rank ${c} to ${d} (90 % of draws).`);
    });
  }
  function peers(i, h) {
    const head = D.headlines[h], every = D.codes.map((_, j) => j), interval = D.intervals[h] && D.intervals[h][i];
    const like = (labels) => (labels[i] ? every.filter((j) => labels[j] === labels[i]) : null);
    const peersOf = [like(D.regions), like(D.incomes), every], groups = peersOf.filter(Boolean);
    const shown = D.order.filter((k) => D.head[k] === head && D.depth[k] < 2);
    const middle = (found, group, k) => median(group.map((j) => found.values[j * N + k]));
    const body = shown.map((k) => el("tr", {}, el("th", { scope: "row" }, D.titles[k]),
      number((found) => found.values[i * N + k]), ...groups.map((group) => number((found) => middle(found, group, k)))));
    const picture = chart("pillars", `Pillars of ${D.titles[head]} of ${D.countries[i]} against its peers`, shown, (k, row) => {
      const [region, income, all] = peersOf.map((group) => group && known(middle(live.found, group, k)));
      const [low, high] = k === head && interval ? interval : [null, null];
      return { row, value: known(live.found.values[i * N + k]), region, "income class": income, all, low, high };
    });
    const medians = [D.regions[i], D.incomes[i].toLowerCase(), "all"].filter(Boolean).map((one) => "Median of " + one);
    return [picture, scroll(D.titles[head] + ": pillars", el("table", {}, heading(["Pillar", "Value", ...medians]),
      el("tbody", {}, ...body)))];
  }
  function drivers(i, head) {
    const shown = D.order.filter((k) => D.head[k] === head && k !== head);
    const body = shown.map((k) => {
      const title = el("th", { scope: "row" }, D.titles[k]);
      title.style.paddingLeft = 0.4 + 0.9 * (D.depth[k] - 1) + "rem";
      const [state, raw, year, source, confidence, note] = k < L ? D.cells[i][k] : [];
      return el("tr", {}, title, number((found) => found.values[i * N + k]), number((found) => found.points[i * N + k], D.decimals + 1),
        ...(k < L ? [digits(short(raw)), cell(D.units[k]), cell(D.states[state]), cell(year === null ? "" : String(year)),
          cell(text(source)), cell(text(confidence)), cell(text(note))] : [el("td", { colspan: "7" })]));
    });
    const picture = chart("drivers", `Points of every indicator of ${D.titles[head]} of ${D.countries[i]}`,
      shown.filter((k) => k < L), (k, row) => ({ row, points: known(live.found.points[i * N + k]), state: D.states[D.cells[i][k][0]] }));
    return [picture, scroll(D.titles[head] + ": parts and cells", el("table", {}, heading(["Part", "Value", "Points",
      "Raw value", "Unit", "State", "Year", "Source", "Confidence", "Caveats"]), el("tbody", {}, ...body)))];
  }
  const fact = (x, unit) => unit === "0/1" ? [cell(x ? "yes" : "no"), cell("")] : [digits(short(x)), cell(unit)];
  function panels(i) {
    return D.panels.map((title, number) => {
      const rows = D.facts[i].filter(([column]) => D.columns[column][0] === number);
      if (!rows.length) return part(title, el("p", {}, "Nothing is recorded."));
      const body = rows.map(([column, x, year, source, confidence, note]) => el("tr", {},
        el("th", { scope: "row" }, D.columns[column][1]), ...fact(x, D.columns[column][2]),
        cell(year === null ? "" : String(year)), cell(text(source)), cell(text(confidence)), cell(text(note))));
      return part(title, scroll(title, el("table", {},
        heading(["Fact", "Value", "Unit", "Year", "Source", "Confidence", "Caveats"]), el("tbody", {}, ...body))));
    });
  }
  function scenarios(i) {
    if (!D.scenarios.length) return [];
    const rows = D.after[i].map(([number, ...after]) => el("tr", {}, el("th", { scope: "row" }, D.scenarios[number]),
      ...after.flatMap((x, h) => [digits(fixed(x)), digits(x === null || D.scores[h][i] === null ? "–"
        : (x > D.scores[h][i] ? "+" : "") + (x - D.scores[h][i]).toFixed(D.decimals + 1))])));
    const names = ["Scenario", ...D.headlines.flatMap((head) => [D.titles[head], "Change"])];
    const none = `None of the ${D.scenarios.length} scenarios moves a score of this ${D.kind === "country" ? "country" : "unit"}.`;
    return [part("Scenarios", el("p", {}, "Against the scores as published."),
      rows.length ? scroll("Scenarios", el("table", {}, heading(names), el("tbody", {}, ...rows))) : el("p", {}, none))];
  }
  function since(i) {
    if (!D.before) return [];
    const rows = D.before.tables.map((one, h) => one && [h, one.parts, one.rows[i]]).filter(Boolean);
    const box = part("What changed", el("p", {}, "Since " + D.before.title + ". Parts of the difference in points add up to it."));
    for (const [h, parts, line] of rows) {
      if (line[0] === null) { box.append(el("p", {}, D.titles[D.headlines[h]] + ": not scored in both editions.")); continue; }
      box.append(scroll(D.titles[D.headlines[h]], el("table", {}, heading(["Score", ...parts, "change"]), el("tbody", {}, el("tr", {},
        el("th", { scope: "row" }, D.titles[D.headlines[h]]), ...line.map((x) => digits(fixed(x, D.decimals + 1))),
        digits(fixed(line[1] - line[0], D.decimals + 1)))))));
    }
    return [box];
  }
  function build(i, found) {
    live = [];
    live.found = found;
    const out = [el("h2", { tabindex: "-1", id: "chosen" }, D.countries[i]),
      el("p", {}, [D.codes[i], D.regions[i], D.incomes[i]].filter(Boolean).join(" · "))];
    D.headlines.forEach((head, h) => out.push(part(D.titles[head], summary(i, h), ...peers(i, h), ...drivers(i, head))));
    out.push(...scenarios(i), ...since(i), ...panels(i));
    return out;
  }
  function follow(i, found) {
    live.found = found;
    for (const [node, write] of live) write(node, found);
  }
  return { build, draw, follow };
}
