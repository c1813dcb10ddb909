// The auction room: a clock that runs over the recorded bids; every state is a function of the time alone.
class Room {
  constructor(element) {
    this.element = element;
    this.data = JSON.parse(element.querySelector(".room-data").textContent);
    const { data } = this;
    this.from = data.begin;
    this.to = data.closed;
    // The end as it stands after the first i bids.
    this.endAfter = [data.close];
    let next = 0, end = data.close;
    for (const [time] of data.bids) {
      if (next < data.ends.length && Math.abs(time + data.soft - data.ends[next]) < 0.01) end = data.ends[next++];
      this.endAfter.push(end);
    }
    const seen = [...data.bids, ...data.bidders].map(([time]) => time).filter((time) => time > this.from);
    this.moments = [...new Set([this.from, ...seen, this.to])].sort((a, b) => a - b);
    this.now = this.from;
    this.playing = false;
    this.money = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
    this.find = (name) => element.querySelector(name);
    this.find(".play").addEventListener("click", () => this.toggle());
    this.find(".back").addEventListener("click", () => this.step(-1));
    this.find(".forward").addEventListener("click", () => this.step(1));
    this.find(".where").addEventListener("input", (event) => { this.pause(); this.show(this.from + (this.to - this.from) * event.target.value / 1000); });
    this.find(".limits").addEventListener("change", () => { this.draw(); this.show(this.now); });
    element.addEventListener("keydown", (event) => {
      if (event.target.matches("input, select, button") && event.key === " ") return;
      if (event.target.matches("input, select")) return;
      if (event.key === " ") this.toggle();
      else if (event.key === "ArrowRight") this.step(1);
      else if (event.key === "ArrowLeft") this.step(-1);
      else return;
      event.preventDefault();
    });
    element.tabIndex = -1;
    // On paper the round is over.
    addEventListener("beforeprint", () => { this.pause(); this.before = this.now; this.show(this.to); });
    addEventListener("afterprint", () => this.show(this.before));
    new ResizeObserver(() => { this.draw(); this.show(this.now); }).observe(this.find(".room-picture"));
    this.draw();
    this.show(this.from);
  }
  toggle() {
    if (this.playing) return this.pause();
    if (this.now >= this.to) this.show(this.from);
    this.playing = true;
    this.find(".play").textContent = this.data.words.pause;
    let last = performance.now();
    const tick = (at) => {
      if (!this.playing) return;
      const passed = Math.max(0, at - last) / 1000;
      last = at;
      this.show(Math.min(this.now + passed * Number(this.find(".speed").value), this.to));
      if (this.now >= this.to) this.pause();
      else requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
  }
  pause() {
    this.playing = false;
    this.find(".play").textContent = this.data.words.play;
  }
  step(by) {
    this.pause();
    const ahead = by > 0 ? this.moments.find((time) => time > this.now + 1e-6) : this.moments.findLast((time) => time < this.now - 1e-6);
    if (ahead !== undefined) this.show(ahead);
  }
  name(who) { return `${this.data.words.bidder} ${who + 1}`; }
  colour(who) { return this.data.colours[who] || "grey"; }
  clock(time) {
    return new Date(Date.parse(`${this.data.opens}Z`) + time * 1000).toISOString().slice(0, 19).replace("T", " ");
  }
  draw() {
    const { data } = this, box = this.find(".room-picture");
    const width = Math.max(300, Math.round(box.clientWidth || 820)), height = width < 500 ? 260 : 320, left = 74, bottom = 30, top = 22;
    const limits = this.find(".limits").checked;
    const shown = data.bids.filter(([time]) => time >= this.from - 1e-6);
    const before = data.bids.length - shown.length;
    const first = before ? data.bids[before - 1][2] : data.start;
    const worth = limits ? data.bidders.map(([, value]) => value).filter((value) => value >= data.start) : [];
    const low = Math.min(data.start, first), high = Math.max(...data.bids.map(([, , price]) => price), ...worth, low * 1.01);
    this.x = (time) => left + (time - this.from) / Math.max(this.to - this.from, 1) * (width - left - 12);
    const y = (price) => height - bottom - (price - low) / (high - low) * (height - bottom - top - 14);
    const out = [];
    const rough = (high - low) / 4, power = 10 ** Math.floor(Math.log10(rough)), size = [1, 2, 2.5, 5, 10].map((m) => m * power).find((s) => s >= rough);
    for (let price = Math.ceil(low / size) * size; price <= high; price += size) out.push(`<line x1="${left}" x2="${width - 12}" y1="${y(price)}" y2="${y(price)}" class="s-pale thin"/><text x="${left - 8}" y="${y(price) + 4}" text-anchor="end" class="small soft">${this.money.format(price)}</text>`);
    const minutes = (this.to - this.from) / 60, gap = [5, 10, 15, 20, 30, 60, 120, 240].find((m) => minutes / m <= (width < 500 ? 4 : 8)) || 480;
    for (let m = Math.ceil(this.from / 60 / gap) * gap; m * 60 <= this.to; m += gap) {
      const x = this.x(m * 60);
      if (x < width - 24) out.push(`<line x1="${x}" x2="${x}" y1="${height - bottom}" y2="${height - bottom + 4}" class="s-grey thin"/><text x="${x}" y="${height - bottom + 18}" text-anchor="middle" class="small soft">${this.clock(m * 60).slice(11, 16)}</text>`);
    }
    const close = this.x(data.close);
    out.push(`<line x1="${close}" x2="${close}" y1="${top}" y2="${height - bottom}" class="s-ink dash thin"/><text x="${close - 5}" y="${top - 8}" text-anchor="end" class="small soft">${data.words["set.close"]}</text>`);
    const rug = data.ends.map((end) => `<line x1="${this.x(end)}" x2="${this.x(end)}" y1="${top}" y2="${top + 7}" class="s-red"/>`).join("");
    // Those who bid are named first; a name that would lie on another is left out, its line stays (and says whose it is).
    const named = [], bid = new Set(data.bids.map(([, who]) => who));
    for (const [, value, who] of limits ? [...data.bidders].sort((a, b) => bid.has(b[2]) - bid.has(a[2]) || b[1] - a[1]) : []) {
      if (value < low) continue;
      const name = `${this.name(who)}: ${this.money.format(value)}`, free = named.every((other) => Math.abs(other - y(value)) >= 13);
      if (free) named.push(y(value));
      out.push(`<line x1="${left}" x2="${width - 12}" y1="${y(value)}" y2="${y(value)}" class="s-${this.colour(who)} dots"><title>${name}</title></line>${free ? `<text x="${left + 4}" y="${y(value) - 3}" class="small halo">${name}</text>` : ""}`);
    }
    let path = `M${this.x(this.from)} ${y(first)}`;
    for (const [time, , price] of shown) path += `H${this.x(time).toFixed(1)}V${y(price).toFixed(1)}`;
    path += `H${this.x(this.to)}`;
    const dots = shown.map(([time, who, price]) => `<circle cx="${this.x(time).toFixed(1)}" cy="${y(price).toFixed(1)}" r="4" class="f-${this.colour(who)} s-paper thin"/>`).join("");
    this.height = height;
    this.number = (Room.made = (Room.made || 0) + 1);
    const label = `${this.name(data.winner)}: ${this.money.format(data.bids[data.bids.length - 1][2])}`;
    box.innerHTML = `<svg viewBox="0 0 ${width} ${height}" width="${width}" role="img" aria-label="${label}"><clipPath id="past-${this.number}"><rect x="0" y="0" width="0" height="${height}"/></clipPath>${out.join("")}<g clip-path="url(#past-${this.number})">${rug}<path d="${path}" class="line s-grey"/>${dots}</g><line class="end s-red" y1="${top}" y2="${height - bottom}"/><line class="cursor s-ink thin" y1="${top}" y2="${height - bottom}"/></svg>`;
    this.past = box.querySelector("clipPath rect");
    this.cursor = box.querySelector(".cursor");
    this.end = box.querySelector(".end");
  }
  show(time) {
    const { data } = this, { words } = data;
    this.now = Math.min(Math.max(time, this.from), this.to);
    let n = 0;
    while (n < data.bids.length && data.bids[n][0] <= this.now + 1e-6) n += 1;
    const over = this.now >= data.closed - 1e-6, end = over ? data.closed : this.endAfter[n];
    const [, leader, price] = n ? data.bids[n - 1] : [0, -1, data.start];
    const moved = data.ends.filter((one) => one <= end + 0.01).length;
    this.find(".price").textContent = `¥${this.money.format(price)}`;
    this.find(".leader").textContent = n ? this.name(leader) : words.none;
    this.find(".clock").textContent = this.clock(this.now);
    const left = Math.max(0, Math.round(end - this.now));
    this.find(".remaining").textContent = over ? words.ended : [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60].map((v) => String(v).padStart(2, "0")).join(":").replace(/^00:/, "");
    this.find(".extensions").textContent = moved ? words.extended.replace("{n}", moved) : "";
    this.element.classList.toggle("late", !over && left <= data.soft);
    this.past.setAttribute("width", Math.max(0, this.x(this.now) + 4));
    for (const at of ["x1", "x2"]) {
      this.cursor.setAttribute(at, this.x(this.now));
      this.end.setAttribute(at, this.x(end));
    }
    this.find(".where").value = Math.round((this.now - this.from) / Math.max(this.to - this.from, 1) * 1000);
    this.find(".where").setAttribute("aria-valuetext", this.clock(this.now));
    if (n === this.told && over === this.over && this.now >= this.last) { this.last = this.now; if (!this.entering()) return; }
    this.told = n;
    this.over = over;
    this.last = this.now;
    this.lists(n, leader, over);
  }
  entering() {
    const count = this.data.bidders.filter(([time]) => time <= this.now + 1e-6).length;
    const changed = count !== this.entered;
    this.entered = count;
    return changed;
  }
  lists(n, leader, over) {
    const { data } = this, { words } = data;
    this.entering();
    const rows = data.bidders.filter(([time]) => time <= this.now + 1e-6).map(([, , who]) => {
      const mine = data.bids.slice(0, n).filter(([, other]) => other === who);
      const state = who === leader ? (over ? words.ended : words.leading) : mine.length ? words.outbid : words.registered;
      return `<tr class="${who === leader ? "good" : ""}"><th scope="row"><i class="k-${this.colour(who)}" aria-hidden="true"></i>${this.name(who)}</th><td class="n">${mine.length ? this.money.format(mine[mine.length - 1][2]) : "–"}</td><td class="n">${mine.length}</td><td>${state}</td></tr>`;
    });
    this.find(".room-bidders tbody").innerHTML = rows.join("");
    this.find(".room-log").innerHTML = data.bids.slice(Math.max(0, n - 7), n).reverse().map(([time, who, price]) => `<li><time>${this.clock(time).slice(11)}</time> <i class="k-${this.colour(who)}" aria-hidden="true"></i>${this.name(who)} <b>${this.money.format(price)}</b></li>`).join("");
  }
}
let ROOMS = [];
STARTS.push(() => { ROOMS = [...document.querySelectorAll(".room")].map((element) => new Room(element)); });
