"use strict";
// The framework as numbers: what Python evaluated, evaluated again after a move. Nothing here draws.
function decode(text) {
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}
function riskModel(D) {
  const n = D.count, L = D.n_indicators, N = D.names.length, [LOW, HIGH] = D.scale;
  const aggregation = aggregations(D.scale), units = Array.from({ length: n }, (_, i) => i);
  const X = decode(D.x), treated = decode(D.treated), share0 = decode(D.share);
  const ends0 = D.bounds && D.bounds.map(decode), published0 = decode(D.values);
  const points = D.points.map((groups) => (groups || []).map((one) => (
    { rows: one.rows, values: decode(one.values), weights: decode(one.weights) })));
  const ends = D.ends.map((one) => one && { rows: one.rows, censored: one.censored,
    low: decode(one.low), high: decode(one.high) });

  // -- one indicator on the scale, with goalposts that were moved
  const curves = { linear: (x) => x, log: Math.log, log1p: Math.log1p };
  function scaler(k, [low, high]) {
    const { sign, curve } = D.posts[k], f = curves[curve];
    const a = f(low), b = f(high), [start, end] = sign > 0 ? [a, b] : [b, a];
    return (x) => {
      const at = curve === "linear" ? x : f(Math.max(x, low));
      return Math.min(1, Math.max(0, (at - start) / (end - start))) * (HIGH - LOW) + LOW;
    };
  }
  function column(k, posts) {
    const on = scaler(k, posts), x = new Float64Array(n).fill(NaN), share = new Float64Array(n);
    const low = new Float64Array(n), high = new Float64Array(n), open = ends[k];
    for (let i = 0; i < n; i++) {
      const at = i * L + k;
      if (!Number.isNaN(X[at])) x[i] = on(treated[at]);
      share[i] = share0[at];
    }
    for (const { rows, values, weights } of points[k]) rows.forEach((i, r) => {
      if (Number.isNaN(X[i * L + k])) return;
      let sum = 0;
      for (let q = 0; q < weights.length; q++) sum += weights[q] * on(values[r * weights.length + q]);
      x[i] = sum;
    });
    for (let i = 0; i < n; i++) {
      const known = D.known[i][k];
      low[i] = known ? x[i] : ends0 ? ends0[0][i * L + k] : LOW;
      high[i] = known ? x[i] : ends0 ? ends0[1][i * L + k] : HIGH;
    }
    if (open) open.rows.forEach((i, r) => {
      const a = open.low[r], b = open.high[r];
      low[i] = Number.isNaN(a) ? LOW : on(a);
      high[i] = Number.isNaN(b) ? HIGH : on(b);
      if (open.censored[r] && !D.imputedCounts)
        share[i] = Math.min(1, Math.max(0, 1 - (high[i] - low[i]) / (HIGH - LOW)));
    });
    return { posts, x, share, low, high };
  }
  const columns = new Array(L).fill(null);
  function indicators(state) {
    const x = X.slice(), share = share0.slice(), bounds = ends0 && ends0.map((end) => end.slice());
    state.posts.forEach((posts, k) => {
      if (!posts) return;
      if (!columns[k] || columns[k].posts[0] !== posts[0] || columns[k].posts[1] !== posts[1])
        columns[k] = column(k, posts);
      for (let i = 0; i < n; i++) {
        const at = i * L + k;
        x[at] = columns[k].x[i]; share[at] = columns[k].share[i];
        if (bounds) { bounds[0][at] = columns[k].low[i]; bounds[1][at] = columns[k].high[i]; }
      }
    });
    return { x, share, bounds };
  }

  // -- groups from their children; missing children share their weight
  function run(weights, steps, leaf, has) {
    const values = new Float64Array(n * N).fill(NaN);
    for (let i = 0; i < n; i++) for (let k = 0; k < L; k++) values[i * N + k] = leaf(i, k);
    for (const { group_node, group } of steps) {
      for (let i = 0; i < n; i++)
        if (has(i, group_node.node)) values[i * N + group_node.node] = group.value(values, i * N, weights);
    }
    return values;
  }
  // Which scores are printed: enough of the applicable weight is observed, or the hard bounds are narrow.
  function printing(state, steps, values, { share: observed, bounds }) {
    const share = new Float64Array(n * N), applies = new Uint8Array(n * N);
    for (let i = 0; i < n; i++) for (let k = 0; k < L; k++) {
      share[i * N + k] = observed[i * L + k]; applies[i * N + k] = D.applies[i][k] && state.weights[k] > 0 ? 1 : 0;
    }
    for (const { group_node, group } of steps) for (let i = 0; i < n; i++) {
      const applied = group_node.children.some((c) => applies[i * N + c] && state.weights[c] > 0);
      applies[i * N + group_node.node] = applied ? 1 : 0;
      share[i * N + group_node.node] = applied ? group.covered(values, i * N, state.weights, share, applies) : 0;
    }
    const limits = bounds && bounds.map((end) => run(state.weights, steps,
      (i, k) => (D.applies[i][k] ? end[i * L + k] : NaN), (i, node) => applies[i * N + node]));
    const open = (i, head) => D.applies[i].some((one, k) => one && state.weights[k] > 0 && D.head[k] === head
      && bounds.some((end) => Number.isNaN(end[i * L + k])));
    return D.headlines.map((head, h) => units.map((i) => {
      const place = i * N + head, [least, most] = D.printing[h];
      if (Number.isNaN(values[place])) return false;
      if (share[place] >= least - 1e-12) return true;
      if (most === null) return false;
      const width = open(i, head) ? HIGH - LOW : limits[1][place] - limits[0][place];
      return width <= most + 1e-12;
    }));
  }
  // A country of whose weight more than a fifth does not apply is ranked with its like.
  function partial(weights) {
    const whole = new Float64Array(N);
    for (const head of D.headlines) whole[head] = 1;
    for (const group_node of D.group_nodes.slice().reverse()) {
      let bottom = 0;
      for (const c of group_node.children) bottom += weights[c];
      for (const c of group_node.children) whole[c] = (whole[group_node.node] * weights[c]) / bottom;
    }
    return D.headlines.map((head) => units.map((i) => {
      let away = 0;
      for (let k = 0; k < L; k++) if (D.head[k] === head && !D.applies[i][k]) away += whole[k];
      return away > D.partialFrom ? 1 : 0;
    }));
  }
  function ranked(values, printed, basis) {
    return D.headlines.map((head, h) => {
      const out = new Array(n).fill(null), tie = 1e-9 * (HIGH - LOW);
      for (const group of [0, 1]) {
        const rows = [];
        for (let i = 0; i < n; i++) if (printed[h][i] && basis[h][i] === group) rows.push(i);
        rows.sort((p, q) => values[q * N + head] - values[p * N + head]);
        rows.forEach((row, place) => {
          const before = place ? rows[place - 1] : -1;
          const tied = place && values[before * N + head] - values[row * N + head] <= tie;
          out[row] = tied ? out[before] : place + 1;
        });
      }
      return out;
    });
  }
  // Contributions against the floor, multiplied down the tree.
  function contributions(state, steps, values) {
    const out = new Float64Array(n * N).fill(NaN);
    for (const head of D.headlines) for (let i = 0; i < n; i++) out[i * N + head] = values[i * N + head] - LOW;
    for (const { group_node, group } of steps.slice().reverse()) for (let i = 0; i < n; i++) {
      const whole = values[i * N + group_node.node], above = out[i * N + group_node.node];
      if (!Number.isNaN(whole)) group.points(values, i * N, state.weights, whole, above, out);
    }
    return out;
  }
  function evaluate(state) {
    const steps = D.group_nodes.map((group_node) => ({
      group_node, group: aggregation(state.methods[group_node.node], group_node.children, group_node.rule),
    }));
    const cells = indicators(state);
    // A weight that becomes 0, or is 0 no more, changes which groups have enough children.
    const crossed = state.weights.some((w, k) => (w > 0) !== (D.weights[k] > 0));
    const has = crossed ? () => true : (i, node) => D.has[i][node - L];
    const values = run(state.weights, steps, (i, k) => cells.x[i * L + k], has);
    const printed = printing(state, steps, values, cells);
    const basis = partial(moved(state) ? state.weights : D.nominal);
    return shown({ values, points: contributions(state, steps, values), printed, basis,
      ranks: ranked(values, printed, basis) });
  }
  // Countries that are not shown take part in ranks alone.
  function shown(found) {
    if (!D.shown) return found;
    const rows = (array) => {
      const out = new Float64Array(D.shown.length * N);
      D.shown.forEach((i, row) => out.set(array.subarray(i * N, (i + 1) * N), row * N));
      return out;
    };
    const kept = (lists) => lists.map((list) => D.shown.map((i) => list[i]));
    return { values: rows(found.values), points: rows(found.points), printed: kept(found.printed),
      basis: kept(found.basis), ranks: kept(found.ranks) };
  }

  // -- the state: as published, as moved, in a link
  const published = () => ({ weights: D.weights.slice(), methods: D.methods.slice(),
    posts: new Array(L).fill(null) });
  const moved = (state) => state.weights.some((w, k) => w !== D.weights[k])
    || state.methods.some((one, k) => one !== D.methods[k]) || state.posts.some(Boolean);
  const choice = (state, k) => Object.keys(D.choices).find((one) => D.choices[one] === state.methods[k]);
  const allowed = (k, low, high) => Boolean(D.posts[k]) && Number.isFinite(low) && Number.isFinite(high)
    && low < high && !(D.posts[k].curve === "log" && low <= 0)
    && !(D.posts[k].curve === "log1p" && low <= -1);
  function parse(text) {
    const state = published();
    for (const [key, value] of new URLSearchParams(text)) {
      const kind = key[0], k = D.names.indexOf(key.slice(2)), number = Number(value);
      if (k < 0) continue;
      if (kind === "w" && number >= 0 && Number.isFinite(number)) state.weights[k] = number;
      if (kind === "a" && Object.hasOwn(D.choices, value) && D.methods[k]) state.methods[k] = D.choices[value];
      if (kind === "g" && k < L) {
        const pair = value.split("~").map(Number);
        if (pair.length === 2 && allowed(k, ...pair)) state.posts[k] = pair;
      }
    }
    for (const { children } of D.group_nodes) if (!children.some((c) => state.weights[c] > 0))
      for (const c of children) state.weights[c] = D.weights[c];
    return state;
  }
  // A weight is a number from 0; one sibling at least is above 0.
  const weighable = (state, k, x) => Number.isFinite(x) && x >= 0 && (x > 0 || D.group_nodes.some(({ children }) =>
    children.includes(k) && children.some((c) => c !== k && state.weights[c] > 0)));
  function link(state) {
    const out = new URLSearchParams();
    D.names.forEach((name, k) => {
      if (state.weights[k] !== D.weights[k]) out.set("w." + name, String(state.weights[k]));
      if (D.methods[k] && state.methods[k] !== D.methods[k]) out.set("a." + name, choice(state, k));
      if (k < L && state.posts[k]) out.set("g." + name, state.posts[k].join("~"));
    });
    return out.toString();
  }

  // -- the framework of a state, as YAML that Python reads
  function framework(state) {
    const out = JSON.parse(JSON.stringify(D.framework)), at = (node) => D.names.indexOf(node.name);
    if (!moved(state)) return out;
    out.title = (out.title || out.name) + " (moved: not the published framework)";
    const visit = (node) => {
      const k = at(node);
      if (!node.children) {
        const posts = state.posts[k] || (D.pinned && D.posts[k] && [D.posts[k].low, D.posts[k].high]);
        if (posts) node.normalisation = { method: "goalposts", low: posts[0], high: posts[1], curve: D.posts[k].curve };
        return;
      }
      if (state.methods[k] !== D.methods[k]) node.aggregation = state.methods[k];
      // Weights that were learned would be learned anew: they are written as they are.
      if (D.learned[k] || node.children.some((c) => state.weights[at(c)] !== D.weights[at(c)])) {
        node.weighting = "given";
        for (const c of node.children) c.weight = state.weights[at(c)];
      }
      node.children.forEach(visit);
    };
    out.scores.forEach(visit);
    return out;
  }
  function yaml(value, indent = "") {
    if (typeof value === "number") {
      const text = String(value);
      // YAML 1.1 reads 1e-7 as text: a number with an exponent needs a point.
      return text.includes("e") && !text.includes(".") ? text.replace("e", ".0e") : text;
    }
    if (typeof value === "string") return JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\ufeff]/g,
      (c) => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
    if (value === null || typeof value !== "object") return String(value);
    const entries = Object.entries(value), list = Array.isArray(value);
    if (!entries.length) return list ? "[]" : "{}";
    return entries.map(([key, one]) => {
      const below = one !== null && typeof one === "object" && Object.keys(one).length;
      const text = yaml(one, indent + "  ");
      return indent + (list ? "-" : yaml(key) + ":") + (below ? "\n" : " ") + text;
    }).join("\n");
  }

  const start = evaluate(published());
  let worst = 0;
  for (let i = 0; i < D.codes.length; i++) D.headlines.forEach((head, h) => {
    if (D.printed[h][i]) worst = Math.max(worst, Math.abs(start.values[i * N + head] - D.scores[h][i]));
  });
  const live = D.live && worst <= 1e-9 * (HIGH - LOW)
    && JSON.stringify(start.printed) === JSON.stringify(D.printed);
  const stale = { ...shown({ values: published0, points: new Float64Array(n * N).fill(NaN), ranks: [], printed: [],
    basis: partial(D.nominal) }), ranks: D.ranks, printed: D.printed };
  return { live, published, moved, allowed, weighable, choice, parse, link,
    evaluate: (state) => (live ? evaluate(state) : stale), yaml: (state) => yaml(framework(state)) + "\n" };
}
