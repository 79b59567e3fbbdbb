"use strict";
// One country: its scores, drivers, cells, panels of context, scenarios, and what changed.
function countryView({ D, model, el, cell, digits, heading, scroll, fixed, short, chip, band, median }) {
  const n = D.codes.length, L = D.leaves, N = D.names.length, [LOW, HIGH] = D.scale;
  const text = (number) => D.texts[number];
  const part = (title, ...children) =>
    el("details", { open: "", "data-part": title }, el("summary", {}, el("h3", {}, title)), ...children);
  function bar(share) {
    const out = el("span", { class: "bar" });
    out.style.width = Math.max(0, Math.min(100, 100 * share)) + "%";
    return out;
  }
  // What a move changes is kept as [text or bar, how to write it], and written in place.
  let live = [];
  function alive(node, write) { live.push([node, write]); write(node, live.found); return node; }
  const put = (node, text) => { if (node.textContent !== text) node.textContent = text; };
  const number = (of, places) => alive(digits(""), (node, found) => put(node, fixed(of(found), places)));
  const measure = (of) => el("td", { class: "w" }, alive(bar(0), (node, found) => {
    const x = of(found), width = (Number.isNaN(x) ? 0 : Math.max(0, Math.min(100, (100 * x) / (HIGH - LOW)))).toFixed(2) + "%";
    if (node.style.width !== width) node.style.width = width;
  }));
  function summary(i, h) {
    return alive(el("p"), (line, found) => {
      if (!found.printed[h][i]) {
        const why = D.printed[h][i] ? "too little is observed with these weights" : D.reasons[h][i];
        return put(line, "No score: " + (why || "not printed as published"));
      }
      const x = found.values[i * N + D.heads[h]];
      line.replaceChildren(`${fixed(x)} on ${LOW}–${HIGH}, rank ${found.ranks[h][i]} `, chip(band(x)));
      if (!D.intervals[h]) return;
      const [a, b, c, d] = D.intervals[h][i];
      if (a !== null) line.append(` As published: score ${fixed(a)} to ${fixed(b)}, rank ${c} to ${d} (90 % of draws).`);
    });
  }
  function peers(i, head) {
    const same = D.codes.map((_, j) => j).filter((j) => D.regions[j] === D.regions[i]);
    const rich = D.codes.map((_, j) => j).filter((j) => D.incomes[j] === D.incomes[i]);
    const every = D.codes.map((_, j) => j);
    const middle = (list, k) => number((found) => median(list.map((j) => found.values[j * N + k])));
    const body = D.order.filter((k) => D.head[k] === head && D.depth[k] < 2).map((k) => {
      const own = (found) => found.values[i * N + k];
      return el("tr", {}, el("th", { scope: "row" }, D.titles[k]), number(own), measure((found) => own(found) - LOW),
        middle(same, k), middle(rich, k), middle(every, k));
    });
    return el("table", {}, heading(["Pillar", "Value", "On the scale", `Median of ${D.regions[i] || "its region"}`,
      `Median of ${(D.incomes[i] || "its").toLowerCase()}`, "Median of all"]), el("tbody", {}, ...body));
  }
  function drivers(i, head) {
    const body = D.order.filter((k) => D.head[k] === head && k !== head).map((k) => {
      const points = (found) => found.points[i * N + k], title = el("th", { scope: "row" }, D.titles[k]);
      title.style.paddingLeft = 0.4 + 0.9 * (D.depth[k] - 1) + "rem";
      const [state, raw, year, source, confidence, note] = k < L ? D.cells[i][k] : [];
      return el("tr", {}, title, number((found) => found.values[i * N + k]), number(points, 2), measure(points),
        ...(k < L ? [digits(short(raw)), cell(D.units[k]), cell(D.states[state]), cell(year === null ? "" : String(year)),
          cell(text(source)), cell(text(confidence)), cell(text(note))] : [el("td", { colspan: "7" })]));
    });
    return el("table", {}, heading(["Part", "Value", "Points", "Share of the scale", "Raw value", "Unit", "State", "Year",
      "Source", "Confidence", "Caveats"]), el("tbody", {}, ...body));
  }
  function panels(i) {
    return D.panels.map((title, number) => {
      const rows = D.facts[i].filter(([column]) => D.columns[column][0] === number);
      if (!rows.length) return part(title, el("p", {}, "Nothing is recorded."));
      const body = rows.map(([column, x, year, source, confidence, note]) => el("tr", {},
        el("th", { scope: "row" }, D.columns[column][1]), digits(short(x)), cell(D.columns[column][2]),
        cell(year === null ? "" : String(year)), cell(text(source)), cell(text(confidence)), cell(text(note))));
      return part(title, scroll(title, el("table", {},
        heading(["Fact", "Value", "Unit", "Year", "Source", "Confidence", "Caveats"]), el("tbody", {}, ...body))));
    });
  }
  function scenarios(i) {
    if (!D.scenarios.length) return [];
    const rows = D.after[i].map(([number, ...after]) => el("tr", {}, el("th", { scope: "row" }, D.scenarios[number]),
      ...after.flatMap((x, h) => [digits(fixed(x)), digits(x === null || D.scores[h][i] === null ? "–"
        : (x > D.scores[h][i] ? "+" : "") + (x - D.scores[h][i]).toFixed(2))])));
    const names = ["Scenario", ...D.heads.flatMap((head) => [D.titles[head], "Change"])];
    const none = `None of the ${D.scenarios.length} scenarios moves a score of this country.`;
    return [part("Scenarios", el("p", {}, "Against the scores as published."),
      rows.length ? scroll("Scenarios", el("table", {}, heading(names), el("tbody", {}, ...rows))) : el("p", {}, none))];
  }
  function since(i) {
    if (!D.before) return [];
    const rows = D.before.tables.map((one, h) => one && [h, one.parts, one.rows[i]]).filter(Boolean);
    const box = part("What changed", el("p", {}, "Since " + D.before.title + ". Parts of the difference in points add up to it."));
    for (const [h, parts, line] of rows) {
      if (line[0] === null) { box.append(el("p", {}, D.titles[D.heads[h]] + ": not scored in both editions.")); continue; }
      box.append(scroll(D.titles[D.heads[h]], el("table", {}, heading(["Score", ...parts, "change"]), el("tbody", {}, el("tr", {},
        el("th", { scope: "row" }, D.titles[D.heads[h]]), ...line.map((x) => digits(fixed(x, 2))),
        digits(fixed(line[1] - line[0], 2)))))));
    }
    return [box];
  }
  function build(i, found) {
    live = [];
    live.found = found;
    const out = [el("h2", { tabindex: "-1", id: "chosen" }, D.countries[i]),
      el("p", {}, [D.codes[i], D.regions[i], D.incomes[i]].filter(Boolean).join(" · "))];
    D.heads.forEach((head, h) => out.push(part(D.titles[head], summary(i, h),
      scroll(D.titles[head] + ": pillars", peers(i, head)),
      scroll(D.titles[head] + ": parts and cells", drivers(i, head)))));
    out.push(...scenarios(i), ...since(i), ...panels(i));
    return out;
  }
  function follow(i, found) {
    live.found = found;
    for (const [node, write] of live) write(node, found);
  }
  return { build, follow };
}
