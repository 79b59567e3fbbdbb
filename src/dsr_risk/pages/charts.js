"use strict";
// Charts: Vega-Lite drawn by vega-embed. Expressions are interpreted, so the policy of the page needs no eval.
function chartsOf(vegaEmbed) {
  const charts = [], pending = new Set();
  const options = { actions: false, ast: true, renderer: "svg", defaultStyle: false, patch: placed };
  // A name stands beside its dot where it covers no dot and no other name; else it is left out.
  function placed(spec) {
    for (const mark of spec.marks) if (mark.name === "labels_marks") mark.transform = [{ type: "label",
      size: { signal: "[width, height]" }, anchor: ["right", "left", "top", "bottom"], offset: [5], padding: 0, avoidMarks: ["dots_marks"] }];
    return spec;
  }
  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      const chart = charts.find((one) => one.box === target);
      if (!chart) continue;
      chart.seen = isIntersecting;
      if (chart.seen) follow(chart);
    }
  });
  // Only rows that differ are handed on: Vega draws again what depends on them.
  function follow(chart) {
    if (!chart.stale || !chart.view) return chart.view;
    chart.stale = false;
    for (const [name, rows] of Object.entries(chart.rows())) {
      const change = chart.view.changeset(), held = chart.view.data(name);
      rows.forEach((row, r) => {
        for (const key in row) if (!Object.is(held[r][key], row[key])) change.modify(held[r], key, row[key]);
      });
      chart.view.change(name, change);
    }
    return chart.view.runAsync();
  }
  let timer = 0;
  // Charts on the screen follow at once, the others as soon as nothing moves.
  async function update() {
    charts.forEach((chart) => { chart.stale = Boolean(chart.rows); });
    clearTimeout(timer);
    timer = setTimeout(all, 150);
    await Promise.all(charts.filter((chart) => chart.seen).map(follow));
  }
  async function all() { await Promise.all(charts.map(follow)); }
  function add(box, spec, rows, click) {
    const made = embed(box, spec, rows, click);
    pending.add(made);
    return made.finally(() => pending.delete(made));
  }
  async function embed(box, spec, rows, click) {
    const chart = { box, rows, stale: false, seen: false, view: null };
    charts.push(chart);
    // Vega names the element it is given: the text alternative of the box stays.
    const inner = box.appendChild(document.createElement("div"));
    const { view } = await vegaEmbed(inner, { ...spec, datasets: rows ? rows() : {} }, options);
    if (!charts.includes(chart)) return view.finalize();
    chart.view = view;
    if (click) view.addEventListener("click", (_, item) => { if (item && item.datum && item.datum.place >= 0) click(item.datum.place); });
    watch.observe(box);
    return follow(chart);
  }
  // A chart whose box has left the page is forgotten.
  function clear(parent) {
    for (const chart of charts.filter(({ box }) => parent.contains(box))) {
      charts.splice(charts.indexOf(chart), 1);
      watch.unobserve(chart.box);
      if (chart.view) chart.view.finalize();
    }
  }
  // Drawn are all charts that were added and every row that was moved.
  const ready = () => Promise.all(pending).then(all);
  return { add, update, clear, ready, charts };
}
