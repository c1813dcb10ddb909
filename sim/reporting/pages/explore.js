// The explorer: parameters, numbers with bands, the flow of lots, profiles along one parameter, a pinned policy, an address.
class Explorer {
  constructor(element, meta) {
    this.element = element;
    this.meta = meta;
    this.model = new Model(meta);
    this.runs = Model.read(meta.runs);
    this.find = (name) => element.querySelector(name);
    this.all = (name) => [...element.querySelectorAll(name)];
    this.inputs = meta.axes.map((_, i) => document.getElementById(`parameter-${i}`));
    this.inputs.forEach((input) => input.addEventListener("input", () => this.change()));
    this.all("[name=along], .window, .band").forEach((one) => one.addEventListener("change", () => this.change()));
    this.find(".pin").addEventListener("click", () => { this.pinned = this.state(); this.change(); });
    this.find(".unpin").addEventListener("click", () => { this.pinned = null; this.change(); this.find(".pin").focus(); });
    this.find(".reset").addEventListener("click", () => { this.put(meta.base); this.change(); });
    this.find(".nearest").addEventListener("click", () => { this.put(this.nearest(this.state())); this.change(); });
    this.find(".link").addEventListener("click", async (event) => { await copy(location.href); say(event.target, location.protocol === "file:" ? meta.words.linked : WORDS.copied, 20000); });
    addEventListener("hashchange", () => { this.fromAddress(); this.show(); });
    new ResizeObserver(() => this.show()).observe(this.find(".results"));
    this.pinned = null;
    this.put(meta.base);
    const along = this.find("[name=along]");
    if (along) along.checked = true;
    this.fromAddress();
    this.show();
  }
  state() { return this.inputs.map((input, i) => this.place(i, Number(input.value))); }
  // A range's steps are fine; a place within a hair of a level is that level.
  place(i, x) {
    const { levels } = this.meta.axes[i];
    return levels && Math.abs(x - Math.round(x)) < 1e-6 ? Math.round(x) : x;
  }
  put(state) { state.forEach((x, i) => { this.inputs[i].value = x; }); }
  value(i, at) {
    const axis = this.meta.axes[i];
    if (!axis.levels) return axis.low + at * (axis.high - axis.low);
    if (!axis.numeric) return axis.levels[at];
    const below = Math.min(Math.floor(at), axis.levels.length - 1), share = at - below;
    return share > 0 ? axis.levels[below] + share * (axis.levels[below + 1] - axis.levels[below]) : axis.levels[below];
  }
  placeOf(i, value) {
    const axis = this.meta.axes[i];
    if (!axis.levels) return (Number(value) - axis.low) / (axis.high - axis.low || 1);
    if (!axis.numeric) return axis.levels.map(String).indexOf(String(value));
    const x = Number(value), { levels } = axis;
    for (let k = 0; k < levels.length; k += 1) {
      if (Math.abs(levels[k] - x) < 1e-9 * Math.max(1, Math.abs(x))) return k;
      if (k + 1 < levels.length && x > levels[k] && x < levels[k + 1]) return k + (x - levels[k]) / (levels[k + 1] - levels[k]);
    }
    return -1;
  }
  written(i, at) {
    const value = this.value(i, at);
    return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
  }
  toText(state) { return state.map((at, i) => `${encodeURIComponent(this.meta.axes[i].path)}=${encodeURIComponent(this.written(i, at))}`).join("&"); }
  toState(pairs) {
    const state = [...this.meta.base];
    this.meta.axes.forEach((axis, i) => {
      const given = pairs.get(axis.path);
      const at = given === null || given === undefined ? -1 : this.placeOf(i, given);
      if (Number.isFinite(at) && at >= 0 && at <= Number(this.inputs[i].max || axis.levels.length - 1)) state[i] = at;
    });
    return state;
  }
  fromAddress() {
    const pairs = new URLSearchParams(location.hash.slice(1));
    if (![...pairs].length) return;
    this.put(this.toState(pairs));
    const set = (name, value) => { const one = this.find(name); if (one && value && [...one.options].some((o) => o.value === value)) one.value = value; };
    set(".window", pairs.get("window"));
    set(".band", pairs.get("band"));
    const along = this.all("[name=along]").find((one) => this.meta.axes[one.value].path === pairs.get("along"));
    if (along) along.checked = true;
    this.pinned = pairs.get("pin") ? this.toState(new URLSearchParams(pairs.get("pin"))) : null;
  }
  toAddress() {
    const parts = [this.toText(this.state())];
    const along = this.find("[name=along]:checked"), windows = this.find(".window"), band = this.find(".band");
    if (along) parts.push(`along=${encodeURIComponent(this.meta.axes[along.value].path)}`);
    if (windows) parts.push(`window=${encodeURIComponent(windows.value)}`);
    if (band) parts.push(`band=${band.value}`);
    if (this.pinned) parts.push(`pin=${encodeURIComponent(this.toText(this.pinned))}`);
    history.replaceState(null, "", `#${parts.join("&")}`);
  }
  change() {
    const began = performance.now();
    this.show();
    this.toAddress();
    this.took = performance.now() - began;
  }
  // The simulated point that is nearest, as a state.
  nearest(state) {
    if (this.model.grid) {
      const near = state.map((at) => Math.round(at));
      if (this.model.weights(near)) return near;
    }
    let best = Infinity, found = state;
    for (let p = 0; p < this.model.n; p += 1) {
      if (!this.model.known[p]) continue;
      const place = this.model.grid ? this.meta.axes.map((axis, i) => Math.floor(p / this.model.strides[i]) % axis.levels.length) : this.model.places.map((all) => all[p]);
      const far = place.reduce((sum, x, i) => sum + ((x - state[i]) / (this.meta.axes[i].levels ? Math.max(this.meta.axes[i].levels.length - 1, 1) : 1)) ** 2, 0);
      if (far < best) { best = far; found = place; }
    }
    return found;
  }
  // Decimals without a minus before nothing.
  fixed(x, places) { const words = x.toFixed(places); return Number(words) === 0 ? (0).toFixed(places) : words; }
  told(kind, x) {
    if (!Number.isFinite(x)) return "–";
    if (kind === "rate") return `${this.fixed(100 * x, 1)}%`;
    if (kind === "days") return this.fixed(x, 1);
    if (kind === "yuan") {
      const [size, unit] = this.unit(x);
      return this.meta.yuan.replace("{x}", `${Number((x / size).toPrecision(4)).toLocaleString("en")}${unit}`);
    }
    return Math.abs(x) >= 100 ? Math.round(x).toLocaleString("en") : this.fixed(x, kind === "count" ? 1 : 2);
  }
  signed(kind, x) {
    const words = kind === "rate" ? this.meta.words.points.replace("{x}", (100 * Math.abs(x)).toFixed(1)) : this.told(kind, Math.abs(x));
    return /[1-9]/.test(words) ? (x > 0 ? "+" : "−") + words : words;
  }
  show() {
    const { meta, model } = this, state = this.state(), windows = this.find(".window");
    const window_ = windows ? windows.value : meta.windows[0];
    const band = this.find(".band") && this.find(".band").value === "history" ? (p) => meta.stretch[Math.round(this.runs[p])] || NaN : null;
    const first = meta.windows.indexOf(window_) * (meta.measures.length + meta.outcomes.length);
    const found = model.weights(state), pin = this.pinned && model.weights(this.pinned);
    state.forEach((at, i) => {
      const parameter = this.element.querySelector(`.parameter[data-axis="${i}"]`), axis = meta.axes[i], value = this.value(i, at);
      parameter.querySelector("output").textContent = axis.share ? this.share(value) : this.written(i, at) + (axis.unit ? ` ${axis.unit}` : "");
      this.inputs[i].setAttribute("aria-valuetext", this.written(i, at));
      const unlawful = axis.rule && ((axis.rule.low !== null && value < axis.rule.low - 1e-9) || (axis.rule.high !== null && value > axis.rule.high + 1e-9));
      parameter.querySelector(".law").textContent = unlawful ? axis.rule.words : "";
    });
    const badge = this.find(".badge");
    badge.dataset.state = found ? (found.exact ? "simulated" : "interpolated") : "none";
    const words = found ? (found.exact ? meta.words.simulated : meta.words.interpolated.replace("{n}", found.points.length)) : meta.words.none;
    if (badge.textContent !== words) badge.textContent = words;
    this.element.classList.toggle("has-pin", Boolean(this.pinned));
    this.find(".unpin").hidden = !this.pinned;
    this.all(".numbers tbody tr").forEach((row, i) => {
      const measure = meta.measures[i], { kind } = measure;
      const now = found && this.bounded(measure, model.value(first + i, found, band)), then = pin && this.bounded(measure, model.value(first + i, pin, band));
      this.cell(row.querySelector(".now"), kind, now);
      this.cell(row.querySelector(".then"), kind, then);
      this.difference(row.querySelector(".change"), kind, now && then ? { mean: now.mean - then.mean, paired: model.paired(first + i, found, pin) } : null);
    });
    this.flow(first, found, pin);
    // The numbers answer at once; the pictures follow with the next frame, however many moves a drag makes until then.
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => this.profiles(first, state, found, pin, band));
  }
  share(value) { return `${Number((100 * value).toFixed(1))}%`; }
  // A cell of numbers: the band stays together when the line is short.
  cell(place, kind, there) {
    const [mean, band] = (there ? this.withBand(kind, there) : "–").split(/ (?=\[)/);
    place.textContent = mean;
    if (band) {
      const range = document.createElement("span");
      range.className = "range";
      range.textContent = band;
      place.append(" ", range);
    }
  }
  // A difference and its paired interval, which is none where the two are the same policy, or single runs are not in the page.
  difference(place, kind, there) {
    const mean = there && there.paired && Number.isFinite(there.paired.mean) ? there.paired.mean : there && there.mean;
    place.textContent = there ? this.signed(kind, mean) : "–";
    if (!there || !there.paired || !(there.paired.half > 0)) return;
    const { half } = there.paired, range = document.createElement("span"), [size] = kind === "yuan" ? this.unit(mean) : [kind === "rate" ? 0.01 : 1];
    const places = Math.min(3, Math.max(0, -Math.floor(Math.log10(2 * half / size / 6))));
    const end = (x) => Number(this.fixed(x / size, places)).toLocaleString("en", { minimumFractionDigits: places, maximumFractionDigits: places }).replace("-", "−");
    range.className = "range";
    range.textContent = `[${end(mean - half)}, ${end(mean + half)}]`;
    place.append(" ", range);
  }
  // A mean with its band, cut off at what the measure can be: no share above 1, no count below 0.
  bounded({ least, most }, { mean, half }) {
    const cut = (x) => Math.min(Math.max(x, least === null ? -Infinity : least), most === null ? Infinity : most);
    return { mean: cut(mean), low: cut(mean - half), high: cut(mean + half) };
  }
  // 50.7% [44.5–57.0]: the unit is said once, so that now, pinned and change fit on a phone.
  withBand(kind, { mean, low, high }) {
    if (!Number.isFinite(mean) || !Number.isFinite(low)) return this.told(kind, mean);
    const [size] = kind === "yuan" ? this.unit(mean) : [1];
    const end = (x) => (kind === "rate" ? this.fixed(100 * x, 1) : kind === "yuan" ? Number((x / size).toPrecision(3)).toLocaleString("en") : this.told(kind, x));
    return `${this.told(kind, mean)} [${end(low)}–${end(high)}]`;
  }
  unit(x) { return this.meta.units.find(([least]) => Math.abs(x) >= least * 0.9995) || [1, ""]; }
  flow(first, found, pin) {
    const { meta, model } = this, begin = first + meta.measures.length;
    const bar = (name, at) => {
      if (!at) return `<p class="outcome"><span>${name}</span> <span class="soft">${meta.words.none}</span></p>`;
      const shares = meta.outcomes.map((_, i) => model.value(begin + i, at).mean);
      const sold = shares.reduce((sum, x, i) => sum + (meta.outcomes[i].sale && Number.isFinite(x) ? x : 0), 0);
      let x = 0;
      const parts = shares.map((share, i) => {
        if (!Number.isFinite(share)) return "";
        const rect = `<rect x="${(100 * x).toFixed(2)}" y="0" width="${(100 * Math.max(share, 0)).toFixed(2)}" height="10" class="f-${meta.outcomes[i].colour}"><title>${plain(meta.outcomes[i].name)} ${this.told("rate", share)}</title></rect>`;
        x += share;
        return rect;
      });
      const label = `${name}: ${shares.map((share, i) => `${meta.outcomes[i].name} ${this.told("rate", share)}`).join(", ")}`;
      return `<p class="outcome"><span>${name}</span><span>${meta.words.sold} ${this.told("rate", sold)}</span></p><svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="${plain(label)}">${parts.join("")}</svg>`;
    };
    this.find(".outcomes").innerHTML = bar(meta.words.now, found) + (this.pinned ? bar(meta.words.pinned, pin) : "");
  }
  profiles(first, state, found, pin, band) {
    const { meta, model } = this, along = this.find("[name=along]:checked");
    const box = this.find(".profiles");
    if (!along) { box.innerHTML = ""; return; }
    const i = Number(along.value), axis = meta.axes[i], end = axis.levels ? axis.levels.length - 1 : 1;
    const steps = model.grid ? Math.min(60, Math.max(12, end * 4)) : 16;
    const places = axis.levels && model.grid ? [...new Set([...Array.from({ length: steps + 1 }, (_, k) => k * end / steps), ...axis.levels.keys()])].sort((a, b) => a - b) : Array.from({ length: steps + 1 }, (_, k) => k * end / steps);
    const there = model.along(state, i, places.map((at) => this.place(i, at)));
    const line = places.map((at, k) => [at, there[k]]);
    box.innerHTML = meta.measures.map((measure, m) => `<div class="panel"><p class="panel-head">${plain(measure.name)}</p>${this.profile(first + m, measure, i, line, state[i], found, pin, band)}<p class="panel-foot">${plain(axis.head)}</p></div>`).join("");
  }
  profile(column, measure, i, line, here, found, pin, band) {
    const { model, meta } = this, { kind, name } = measure, axis = meta.axes[i], width = 260, height = 150, left = 46, bottom = 20, top = 8;
    const points = line.map(([at, there]) => ({ x: this.value(i, at), at, ...(there ? this.bounded(measure, model.value(column, there, band)) : { mean: NaN, low: NaN, high: NaN }), exact: there && there.exact }));
    const known = points.filter(({ mean }) => Number.isFinite(mean));
    const then = pin ? this.bounded(measure, model.value(column, pin, band)).mean : NaN;
    const all = known.flatMap(({ mean, low, high }) => (Number.isFinite(low) ? [low, high] : [mean])).concat(Number.isFinite(then) ? [then] : []);
    if (!all.length) return `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${plain(name)}: ${meta.words.none}"><text x="${left}" y="${height / 2}" class="soft">${meta.words.none}</text></svg>`;
    let low = Math.min(...all), high = Math.max(...all);
    const still = high - low <= 1e-6 * Math.max(Math.abs(low), Math.abs(high)); // numbers have 24 bits
    const room = still ? Math.abs(high) * 0.05 || 0.05 : (high - low) * 0.08;
    low = Math.max(low - room, measure.least === null ? -Infinity : measure.least);
    high = Math.min(high + room, measure.most === null ? Infinity : measure.most);
    const xs = [this.value(i, 0), this.value(i, axis.levels ? axis.levels.length - 1 : 1)];
    const X = (x) => left + (x - xs[0]) / ((xs[1] - xs[0]) || 1) * (width - left - 10), Y = (y) => height - bottom - (y - low) / (high - low) * (height - bottom - top);
    const out = [];
    const rough = (high - low) / 3, power = 10 ** Math.floor(Math.log10(rough)), size = [1, 2, 2.5, 5, 10].map((k) => k * power).find((s) => s >= rough * 0.999);
    for (let y = Math.ceil(low / size) * size; y <= high; y += size) out.push(`<line x1="${left}" x2="${width - 10}" y1="${Y(y).toFixed(1)}" y2="${Y(y).toFixed(1)}" class="s-pale thin"/><text x="${left - 5}" y="${(Y(y) + 4).toFixed(1)}" text-anchor="end" class="small soft">${this.tick(kind, y, size)}</text>`);
    for (const x of xs) out.push(`<text x="${X(x)}" y="${height - 4}" text-anchor="${x === xs[0] ? "start" : "end"}" class="small soft">${axis.share ? this.share(x) : Number(x.toPrecision(4))}</text>`);
    const runs = [[]];
    for (const point of points) {
      if (Number.isFinite(point.mean)) runs[runs.length - 1].push(point);
      else if (runs[runs.length - 1].length) runs.push([]);
    }
    for (const run of runs) {
      if (run.length && run.every((p) => Number.isFinite(p.low))) out.push(`<path d="M${[...run.map((p) => `${X(p.x).toFixed(1)} ${Y(p.high).toFixed(1)}`), ...[...run].reverse().map((p) => `${X(p.x).toFixed(1)} ${Y(p.low).toFixed(1)}`)].join("L")}Z" class="f-blue faint"/>`);
      if (run.length > 1) out.push(`<path d="M${run.map((p) => `${X(p.x).toFixed(1)} ${Y(p.mean).toFixed(1)}`).join("L")}" class="line s-blue${run.some((p) => !p.exact) ? " dash thin" : ""}"/>`);
      for (const p of run) if (p.exact) out.push(`<circle cx="${X(p.x).toFixed(1)}" cy="${Y(p.mean).toFixed(1)}" r="2.6" class="f-blue"/>`);
    }
    if (Number.isFinite(then)) out.push(`<line x1="${left}" x2="${width - 10}" y1="${Y(then).toFixed(1)}" y2="${Y(then).toFixed(1)}" class="s-red dash"/>`);
    const at = X(this.value(i, here));
    out.push(`<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${top}" y2="${height - bottom}" class="s-ink thin"/>`);
    let label = meta.words.none;
    if (found) {
      const now = this.bounded(measure, model.value(column, found, band));
      label = this.withBand(kind, now);
      if (Number.isFinite(now.mean)) out.push(`<circle cx="${at.toFixed(1)}" cy="${Y(now.mean).toFixed(1)}" r="4.5" class="f-ink"/>`);
    }
    return `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${plain(name)}: ${label}">${out.join("")}</svg>`;
  }
  tick(kind, y, size) {
    if (kind === "rate") return `${Number((100 * y).toFixed(Math.max(0, -Math.floor(Math.log10(100 * size) + 1e-9))))}%`;
    if (kind === "yuan") {
      const [unit, name] = this.unit(y);
      return `${Number((y / unit).toPrecision(3))}${name}`;
    }
    return Number(y.toFixed(Math.max(0, -Math.floor(Math.log10(size) + 1e-9)))).toLocaleString("en");
  }
}
let EXPLORER = null;
STARTS.push(() => {
  const [numbers, words] = ["numbers", "sweep"].map((id) => JSON.parse(document.getElementById(id).textContent)); // numbers are the same in both languages
  EXPLORER = new Explorer(document.querySelector(".explore"), { ...words, ...numbers });
});
