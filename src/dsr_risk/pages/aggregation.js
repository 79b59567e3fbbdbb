"use strict";
// Aggregations: the value of a group from its children, and the points of each child above the floor of the scale.
function aggregations([LOW, HIGH]) {
  const LENGTH = HIGH - LOW, TIE = 1e-12;
  // Arrays x and w hold the values and weights of the first m children; `split` writes the points of each to out.
  function generator(method) {
    if (method.method === "mirrored") return generator(method.of);
    if (method.method === "geometric") return [Math.log, Math.exp];
    if (method.method === "harmonic") return [(x) => (x < 0 ? NaN : 1 / x), (y) => 1 / y];
    if (method.method === "power") {
      const p = method.p;
      // Below zero a power above 0 keeps the sign; one below 0 has no value.
      if (p < 0) return [(x) => (x < 0 ? NaN : Math.pow(x, p)), (y) => Math.pow(y, 1 / p)];
      const odd = (x, q) => Math.sign(x) * Math.pow(Math.abs(x), q);
      return [(x) => (p === 2 && x >= 0 ? x * x : odd(x, p)), (y) => (p === 2 && y >= 0 ? Math.sqrt(y) : odd(y, 1 / p))];
    }
    return [(x) => x, (x) => x];
  }
  function lift(method) {
    if (method.method === "mirrored") {
      const [a, b] = lift(method.of);
      return [a + b * (LOW + HIGH), -b];
    }
    const lifted = ["geometric", "harmonic"].includes(method.method)
      || (method.method === "power" && method.p < 0);
    const o = lifted ? method.offset : 0;
    return [o + (o * LOW) / LENGTH, 1 - o / LENGTH];
  }
  // Every mean is the inverse of a weighted sum of g.
  function mean(method) {
    const [g, inverse] = generator(method), [a, b] = lift(method), floor = g(a + b * LOW);
    return {
      combine(x, w, m) {
        let top = 0, bottom = 0, low = Infinity, high = -Infinity;
        for (let j = 0; j < m; j++) {
          top += w[j] * g(a + b * x[j]); bottom += w[j];
          if (x[j] < low) low = x[j];
          if (x[j] > high) high = x[j];
        }
        // Rounding puts no mean outside its children.
        return Math.min(high, Math.max(low, (inverse(top / bottom) - a) / b));
      },
      split(x, w, m, value, out) {
        let bottom = 0;
        for (let j = 0; j < m; j++) bottom += w[j];
        // Where g has a pole at the floor, its slopes from there are the same for all children.
        const gap = (at) => (Number.isFinite(floor) ? g(a + b * at) - floor : 1), whole = gap(value);
        if (!Number.isFinite(whole)) {
          // A value at a pole is that of the children there.
          let held = 0;
          for (let j = 0; j < m; j++) if (!Number.isFinite(gap(x[j]))) held += w[j];
          for (let j = 0; j < m; j++) out[j] = Number.isFinite(gap(x[j])) ? 0 : (w[j] / held) * (value - LOW);
          return;
        }
        const part = value === LOW || whole === 0 ? 0 : (value - LOW) / whole;
        for (let j = 0; j < m; j++) out[j] = (w[j] / bottom) * gap(x[j]) * part;
      },
    };
  }
  const product = {
    combine(x, w, m) {
      let share = 1;
      for (let j = 0; j < m; j++) share *= Math.max(0, (x[j] - LOW) / LENGTH);
      return LOW + LENGTH * share;
    },
    split(x, w, m, value, out) { for (let j = 0; j < m; j++) out[j] = (value - LOW) / m; },
  };
  // Weights that the children receive by their values; the value is the sum of weight times value.
  function received(weigh) {
    const buffer = [];
    return {
      combine(x, w, m) {
        weigh(x, w, m, buffer);
        let sum = 0;
        for (let j = 0; j < m; j++) if (buffer[j]) sum += buffer[j] * x[j];
        return sum;
      },
      split(x, w, m, value, out) {
        weigh(x, w, m, buffer);
        for (let j = 0; j < m; j++) out[j] = buffer[j] * (x[j] - LOW);
      },
    };
  }
  function weightOf(w, m, test) {
    let sum = 0;
    for (let j = 0; j < m; j++) if (test(j)) sum += w[j];
    return sum;
  }
  function binding(x, w, m, at, out) {
    const held = weightOf(w, m, (j) => x[j] === at);
    for (let j = 0; j < m; j++) out[j] = x[j] === at ? w[j] / held : 0;
  }
  function extremeOf(x, m, highest) {
    let at = x[0];
    for (let j = 1; j < m; j++) if (highest ? x[j] > at : x[j] < at) at = x[j];
    return at;
  }
  const extreme = (highest) => received((x, w, m, out) => binding(x, w, m, extremeOf(x, m, highest), out));
  const median = received((x, w, m, out) => {
    const total = weightOf(w, m, () => true);
    for (let j = 0; j < m; j++) {
      const tied = weightOf(w, m, (k) => x[k] === x[j]) / total;
      const below = weightOf(w, m, (k) => x[k] < x[j]) / total, upto = below + tied;
      const low = upto >= 0.5 - TIE && below < 0.5 - TIE, high = upto > 0.5 + TIE && below <= 0.5 + TIE;
      out[j] = ((low ? 0.5 : 0) + (high ? 0.5 : 0)) * w[j] / total / tied;
    }
  });
  function ordered({ orness, order }) {
    const steps = [0];
    for (const one of order || []) steps.push(steps[steps.length - 1] + one);
    function quantifier(r) {
      r = Math.min(1, Math.max(0, r));
      if (orness !== null && orness !== undefined) return Math.pow(r, (1 - orness) / orness);
      const at = r * (steps.length - 1), k = Math.min(Math.floor(at), steps.length - 2);
      return (steps[k] + (at - k) * (steps[k + 1] - steps[k])) / steps[steps.length - 1];
    }
    return received((x, w, m, out) => {
      const total = weightOf(w, m, () => true);
      for (let j = 0; j < m; j++) {
        const above = weightOf(w, m, (k) => x[k] > x[j]) / total, tied = weightOf(w, m, (k) => x[k] === x[j]) / total;
        out[j] = ((quantifier(above + tied) - quantifier(above)) / tied) * w[j] / total;
      }
    });
  }
  const meanMin = ({ alpha, beta, toward }) => received((x, w, m, out) => {
    const total = weightOf(w, m, () => true), at = extremeOf(x, m, toward === "maximum");
    let middle = 0;
    for (let j = 0; j < m; j++) middle += (w[j] / total) * x[j];
    const gap = Math.abs(at - middle), pull = gap === 0 ? 0 : (alpha * gap) / (Math.hypot(gap, beta) + beta);
    binding(x, w, m, at, out);
    for (let j = 0; j < m; j++) out[j] = (1 - pull) * (w[j] / total) + pull * out[j];
  });
  // The mean, and each child's own term of the variance over the mean.
  function penalised({ method, penalty }) {
    const adjusted = method === "adjusted_mazziotta_pareto", b = adjusted ? 60 / LENGTH : 1;
    const a = adjusted ? 70 - b * LOW : 0, sign = penalty === "add" ? 1 : -1, buffer = [];
    function parts(x, w, m, out) {
      const total = weightOf(w, m, () => true);
      let middle = 0, squares = 0;
      for (let j = 0; j < m; j++) { middle += (w[j] / total) * (a + b * x[j]); squares += (w[j] / total) ** 2; }
      for (let j = 0; j < m; j++) {
        const square = (w[j] / total) * (a + b * x[j] - middle) ** 2;
        const term = square === 0 ? 0 : middle > 0 ? square / (adjusted ? 1 : 1 - squares) / middle : NaN;
        out[j] = (w[j] / total) * (x[j] - LOW) + (sign * term) / b;
      }
    }
    return {
      combine(x, w, m) {
        parts(x, w, m, buffer);
        let sum = LOW;
        for (let j = 0; j < m; j++) sum += buffer[j];
        return sum;
      },
      split(x, w, m, value, out) { parts(x, w, m, out); },
    };
  }
  function of(method) {
    switch (method.method) {
      case "product": return product;
      case "minimum": return extreme(false);
      case "maximum": return extreme(true);
      case "median": return median;
      case "owa": return ordered(method);
      case "mean_min": return meanMin(method);
      case "mazziotta_pareto": case "adjusted_mazziotta_pareto": return penalised(method);
      default: return mean(method);
    }
  }
  // A group whose value is scaled by one child, given by one child, or rounded.
  function group(method, children, { at, kind, least, digits, half }) {
    // `least`: how many children, but the one apart, must have a value.
    const inner = of(method), k = children.length, x = new Float64Array(k), w = new Float64Array(k);
    const index = new Array(k), parts = new Float64Array(k), power = 10 ** (digits || 0);
    const apart = kind ? children[at] : -1;
    function take(values, row, weights) {
      let m = 0;
      for (const child of children) {
        const value = values[row + child];
        if (child === apart || Number.isNaN(value) || !(weights[child] > 0)) continue;
        x[m] = value; w[m] = weights[child]; index[m] = child; m += 1;
      }
      return m;
    }
    const factor = (one) => Math.max(one - LOW, 0) / LENGTH;
    function value(values, row, weights) {
      const m = take(values, row, weights), one = kind ? values[row + apart] : NaN;
      let out = m >= least ? inner.combine(x, w, m) : kind === "given" ? one : NaN;
      if (kind === "scaled") out = LOW + (out - LOW) * factor(one);
      return digits === null ? out : Math.floor(out * power + (0.5 + half)) / power;
    }
    function points(values, row, weights, whole, above, out) {
      const m = take(values, row, weights), one = kind ? values[row + apart] : NaN;
      let count = m;
      if (kind === "given" && m < least) { count = 1; index[0] = apart; parts[0] = one - LOW; }
      else {
        const before = inner.combine(x, w, m);
        inner.split(x, w, m, before, parts);
        if (kind === "scaled") {
          for (let j = 0; j < m; j++) parts[j] *= factor(one) / 2;
          parts[m] = ((before - LOW) * factor(one)) / 2; index[m] = apart; count = m + 1;
        }
      }
      if (digits !== null) {
        let sum = 0, size = 0;
        for (let j = 0; j < count; j++) { sum += parts[j]; size += Math.abs(parts[j]); }
        if (size > 0) for (let j = 0; j < count; j++) parts[j] += (Math.abs(parts[j]) / size) * (whole - LOW - sum);
      }
      const share = whole === LOW ? (Math.abs(above) > 1e-9 * LENGTH ? NaN : 0) : above / (whole - LOW);
      for (let j = 0; j < count; j++) out[row + index[j]] = share * parts[j];
    }
    function covered(values, row, weights, share, applies) {
      let top = 0, bottom = 0, live = 0;
      for (const child of children) if (child !== apart || kind !== "given") {
        if (!applies[row + child] || !(weights[child] > 0)) continue;
        top += weights[child] * share[row + child]; bottom += weights[child];
        if (!Number.isNaN(values[row + child])) live += 1;
      }
      if (kind === "given" && live < least && applies[row + apart] && !Number.isNaN(values[row + apart]))
        return share[row + apart];
      return bottom > 0 ? top / bottom : 0;
    }
    return { value, points, covered };
  }
  return group;
}
