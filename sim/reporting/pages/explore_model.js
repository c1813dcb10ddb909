// What a sweep says at a policy: exactly, where it was simulated; between simulated points, interpolated; else nothing.
class Model {
  constructor(meta) {
    this.axes = meta.axes;
    this.n = meta.points;
    this.grid = meta.grid; // every combination of levels was asked for, in order of the axes
    const read = Model.read;
    this.columns = meta.columns.map(([mean, half, each]) => ({ mean: read(mean), half: half && read(half), each: each && read(each) }));
    this.replications = meta.replications;
    this.student = meta.student; // for intervals of means of 2, 3, ... replications
    this.known = read(meta.known); // 1 for a point with results
    if (!this.grid) {
      this.places = meta.axes.map((axis) => {
        const raw = read(axis.values);
        return axis.levels ? raw : raw.map((x) => (x - axis.low) / (axis.high - axis.low || 1));
      });
      this.free = meta.axes.map((axis) => !axis.levels || axis.numeric);
      this.span = meta.axes.map((axis) => (axis.levels ? Math.max(axis.levels.length - 1, 1) : 1));
      this.flat = new Float32Array(this.n * this.axes.length); // every axis from 0 to 1
      this.places.forEach((all, i) => all.forEach((x, p) => { this.flat[p * this.axes.length + i] = x / this.span[i]; }));
      this.outer = new Map();
      if (this.free.every(Boolean)) this.outermost(this.span); // now, not at the first move of a parameter
    } else {
      this.strides = [];
      let stride = 1;
      for (let i = this.axes.length - 1; i >= 0; i -= 1) { this.strides[i] = stride; stride *= this.axes[i].levels.length; }
    }
  }
  // Floats as they are, or as steps of a 65534th of the largest, the last code meaning "none".
  static read(packed) {
    const bytes = Uint8Array.from(atob(packed.f32 || packed.u16), (c) => c.charCodeAt(0)).buffer;
    if (packed.f32) return new Float32Array(bytes);
    return Float32Array.from(new Uint16Array(bytes), (code) => (code === 65535 ? NaN : code * packed.max / 65534 + (packed.min || 0)));
  }
  // A state is one number an axis: a place on the levels (2.5 is half-way from the third to the fourth), or, for an
  // axis without levels, a share of the way from its low to its high end.
  weights(state) { return this.grid ? this.onGrid(state) : this.near(state, this.away(state, -1), -1); }
  // The same at many places along one axis.
  along(state, axis, places) {
    const off = this.grid ? null : this.away(state, axis);
    return places.map((place) => {
      const there = [...state];
      there[axis] = place;
      return this.grid ? this.onGrid(there) : this.near(there, off, axis);
    });
  }
  // Squared distance of every point, one axis left out; Infinity where a named value differs or there is no result.
  away(state, except) {
    const { flat, free, n, known } = this, d = this.axes.length, off = new Float32Array(n);
    const at = state.map((x, i) => x / this.span[i]);
    for (let p = 0, k = 0; p < n; p += 1, k += d) {
      if (!known[p]) { off[p] = Infinity; continue; }
      let far = 0;
      for (let i = 0; i < d; i += 1) {
        if (i === except) continue;
        const gap = flat[k + i] - at[i];
        far += free[i] ? gap * gap : (Math.abs(gap) > 1e-6 ? Infinity : 0);
      }
      off[p] = far;
    }
    return off;
  }
  onGrid(state) {
    let corners = [[0, 1]];
    for (let i = 0; i < this.axes.length; i += 1) {
      const at = state[i], last = this.axes[i].levels.length - 1;
      if (!(at >= 0 && at <= last)) return null;
      const below = Math.min(Math.floor(at + 1e-9), last), share = Math.min(Math.max(at - below, 0), 1);
      if (share > 1e-9 && !this.axes[i].numeric) return null;
      const next = [];
      for (const [index, weight] of corners) {
        next.push([index + below * this.strides[i], weight * (1 - (share > 1e-9 ? share : 0))]);
        if (share > 1e-9) next.push([index + (below + 1) * this.strides[i], weight * share]);
      }
      corners = next;
    }
    if (corners.some(([index]) => !this.known[index])) return null;
    return { points: corners, exact: corners.length === 1 };
  }
  near(state, off, axis) {
    const { flat, n } = this, d = this.axes.length, count = Math.min(n, 4 * (d + 1));
    const at = state.map((x, i) => x / this.span[i]), best = [];
    let worst = Infinity;
    for (let p = 0; p < n; p += 1) {
      let far = off[p];
      if (far >= worst) continue;
      if (axis >= 0) {
        const gap = flat[p * d + axis] - at[axis];
        far += gap * gap;
        if (far >= worst) continue;
      }
      let place = best.length;
      while (place > 0 && best[place - 1][1] > far) place -= 1;
      best.splice(place, 0, [p, far]);
      if (best.length > count) best.pop();
      if (best.length === count) worst = best[count - 1][1];
    }
    if (!best.length) return null;
    if (best[0][1] < 1e-12) return { points: [[best[0][0], 1]], exact: true };
    if (best.length < d + 2 || !this.inside(at, best.map(([p]) => p))) return null;
    const points = this.localLine(at, best, best[best.length - 1][1]);
    return points && { points, exact: false };
  }
  // Weights of a linear fit to the nearest points, near ones counting more: they sum to 1 and reproduce straight lines.
  localLine(at, best, reach) {
    const d = this.axes.length, size = d + 1;
    const rows = best.map(([p, far]) => [p, [1, ...at.map((x, i) => this.flat[p * d + i] - x)], (1 - (far / (reach * 1.0001)) ** 1.5) ** 3 + 1e-6]);
    const matrix = Array.from({ length: size }, (_, i) => Array.from({ length: size + 1 }, (_2, j) => {
      if (j === size) return i === 0 ? 1 : 0;
      let sum = i === j && i > 0 ? 1e-9 : 0;
      for (const [, row, weight] of rows) sum += weight * row[i] * row[j];
      return sum;
    }));
    for (let i = 0; i < size; i += 1) {
      let pivot = i;
      for (let r = i + 1; r < size; r += 1) if (Math.abs(matrix[r][i]) > Math.abs(matrix[pivot][i])) pivot = r;
      if (Math.abs(matrix[pivot][i]) < 1e-12) return null;
      [matrix[i], matrix[pivot]] = [matrix[pivot], matrix[i]];
      for (let r = 0; r < size; r += 1) {
        if (r === i) continue;
        const factor = matrix[r][i] / matrix[i][i];
        for (let c = i; c <= size; c += 1) matrix[r][c] -= factor * matrix[i][c];
      }
    }
    const solved = matrix.map((row, i) => row[size] / row[i]);
    return rows.map(([p, row, weight]) => [p, weight * row.reduce((sum, x, i) => sum + x * solved[i], 0)]);
  }
  // Whether the place lies among the simulated points: in the convex hull of its neighbours, or of the outermost points.
  inside(at, near) {
    return this.holds(at, near, near[0], 60) || this.holds(at, [...this.outermost(at), ...near], near[0], 300);
  }
  // Walk from one point towards the place, always to the point furthest ahead; when none lies ahead, it is outside.
  holds(at, points, first, most) {
    const { flat } = this, d = this.axes.length, here = new Float64Array(d);
    for (let i = 0; i < d; i += 1) here[i] = flat[first * d + i] - at[i];
    for (let step = 0; step < most; step += 1) {
      let norm = 0, ahead = Infinity, chosen = -1;
      for (let i = 0; i < d; i += 1) norm += here[i] * here[i];
      if (norm < 1e-6) return true;
      for (const p of points) {
        let dot = 0;
        for (let i = 0; i < d; i += 1) dot += here[i] * (flat[p * d + i] - at[i]);
        if (dot < ahead) { ahead = dot; chosen = p; }
      }
      if (ahead > 0) return false;
      let along = 0, length = 0;
      for (let i = 0; i < d; i += 1) {
        const to = flat[chosen * d + i] - at[i] - here[i];
        along -= here[i] * to;
        length += to * to;
      }
      const share = Math.min(Math.max(along / (length || 1), 0), 1);
      for (let i = 0; i < d; i += 1) here[i] += share * (flat[chosen * d + i] - at[i] - here[i]);
    }
    return false;
  }
  // The points that are furthest out in one of many directions, the same every time: their hull is no larger than that
  // of all points. Kept for each choice of named values.
  outermost(at) {
    const { flat, free, n, known } = this, d = this.axes.length, key = at.filter((_, i) => !free[i]).join();
    if (this.outer.has(key)) return this.outer.get(key);
    const same = [];
    for (let p = 0; p < n; p += 1) if (known[p] && free.every((one, i) => one || Math.abs(flat[p * d + i] - at[i]) < 1e-6)) same.push(p);
    const found = new Set();
    let seed = 1;
    const random = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647 - 0.5; };
    for (let k = 0; k < Math.min(400, 40 * 2 ** d); k += 1) {
      const way = Array.from({ length: d }, random);
      let most = -Infinity, chosen = -1;
      for (const p of same) {
        let dot = 0;
        for (let i = 0; i < d; i += 1) dot += way[i] * flat[p * d + i];
        if (dot > most) { most = dot; chosen = p; }
      }
      if (chosen >= 0) found.add(chosen);
    }
    this.outer.set(key, [...found]);
    return this.outer.get(key);
  }
  // The mean of the differences between two policies, replication by replication under common random numbers, and the half-width of
  // its interval; null where single runs are not in the page.
  paired(column, now, then) {
    const { each } = this.columns[column];
    if (!each) return null;
    const weights = new Map();
    for (const [points, sign] of [[now.points, 1], [then.points, -1]]) for (const [p, weight] of points) weights.set(p, (weights.get(p) || 0) + sign * weight);
    const all = [];
    for (let r = 0; r < this.replications; r += 1) {
      let sum = 0;
      for (const [p, weight] of weights) if (weight !== 0) sum += weight * each[p * this.replications + r];
      if (Number.isFinite(sum)) all.push(sum);
    }
    const n = all.length;
    if (!n) return { mean: NaN, half: NaN };
    const mean = all.reduce((sum, x) => sum + x, 0) / n;
    if (n < 2) return { mean, half: NaN };
    const spread = Math.sqrt(all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
    return { mean, half: this.student[n - 2] * spread / Math.sqrt(n) };
  }
  // Mean of one column at what `weights` found, and the half-width of its band, widened by `stretch` point by point
  // (from the mean's interval to that of one history). Bands are carried over as under common random numbers: all points move together.
  value(column, found, stretch) {
    const { mean, half } = this.columns[column];
    let m = 0, h = 0;
    for (const [p, weight] of found.points) {
      m += weight * mean[p];
      h += half ? Math.abs(weight) * half[p] * (stretch ? stretch(p) : 1) : NaN;
    }
    return { mean: m, half: h };
  }
}
