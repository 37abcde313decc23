// Draws one map description: layers, legend, labels, popups, moves. Text from data enters by textContent only.
(function () {
  "use strict";
  const { symbol, arrow, Symbol, Arrow, Cased, UpperCanvas, bend } = window.WorkbenchShapes;
  const UI = {
    panel: ["图层与图例", "Layers and legend"], moves: ["产能转移", "Capacity moves"],
    arrow: ["转移（箭头宽度为产能）", "Move (width = capacity)"], doubt: ["虚线轮廓：资料可信度低或范围为近似",
      "Broken outline: low confidence or approximate extent"], kt: ["万吨/年", "0,000 t/yr"],
    straight: ["虚线：走向不明，直线示意", "Dashed: course unknown, drawn straight"],
    decision: ["决定", "Decision"], decisions: [["保留", "Keep"], ["关闭", "Close"], ["转移", "Move"]],
    size: ["产能 100、300 万吨/年", "1 and 3 Mt/yr"],
    flows: ["产品流向（线宽为数量）", "Deliveries (width = quantity)"], receiver: ["承接地新建产能", "Receiving site, new capacity"],
    from: ["迁出", "From"], to: ["迁入", "To"], capacity: ["产能", "Capacity"], source: ["来源", "Source"],
    dashed: ["虚线", "dashed"],
  };
  const el = (tag, kind, text) => {
    const node = document.createElement(tag);
    if (kind) node.className = kind;
    if (text !== undefined) node.textContent = text;
    return node;
  };

  // A label has no room for legal forms and long remarks in brackets; the card shows them.
  const short = (name) => name.replace(/[（(][^（）()]{7,}[）)]|(股份)?有限(责任)?公司/g, "")
    .replace(/,?\s*\b(Limited Company|Company|Co\b\.?)(,?\s*Ltd\b\.?)?|\s+Cement Plant\b/g, "").trim() || name;
  const hits = (box, others) => others.some(
    (o) => Math.abs(o.x - box.x) * 2 < o.w + box.w && Math.abs(o.y - box.y) * 2 < o.h + box.h);

  class WorkbenchMap {
    constructor(map, spec, options) {
      Object.assign(this, { map, spec, options: options || {}, lang: spec.language === "en" ? 1 : 0 });
      this.ground = L.canvas({ padding: 0.3 });
      this.upper = new UpperCanvas(this.ground, { padding: 0.3 });
      map.createPane("upper").style.zIndex = 450;
      map.createPane("labels").style.zIndex = 620;
      this.upper.options.pane = "upper";
      map.getPane("labels").classList.add("wb-labels");
      this.layers = new Map();
      for (const layer of spec.layers) this.layers.set(layer.key, this.build(layer));
      this.drawn = { arrows: [], flows: [], selected: null };
      this.arrows = L.layerGroup();
      this.flows = L.layerGroup();
      this.showFlows = false;
      map.addLayer(this.arrows);
      this.reorder();
      if (spec.moves) this.applyMoves(Float32Array.from(spec.moves));
      this.furnish();
      map.on("zoomend", () => this.rescale());
      map.on("zoomend moveend resize", () => this.drawLabels());
      map.on("zoomstart", () => { map.getPane("labels").style.visibility = "hidden"; });
      this.fit();
      this.rescale();
      this.drawLabels();
    }

    fit() {
      const first = this.layers.get("province") || this.layers.values().next().value;
      const room = this.panelOpen() ? 262 : 6;
      if (first) this.map.fitBounds(first.group.getBounds(), { paddingTopLeft: [6, 6], paddingBottomRight: [room, 22] });
    }

    // ---- layers -----------------------------------------------------------------------------------
    build(layer) {
      const group = L.featureGroup(), twin = this.layers.get(layer.shapes_of);
      const places = new Map(twin ? twin.features.map((f) => [f.id, f.at]) : []);
      const features = layer.features.map((f) => {
        const look = layer.classes[f[1]];
        const feature = { id: f[0], look, at: f[2] || places.get(f[0]) || [], size: f[3], zh: f[4], en: f[5], doubt: Boolean(f[6]),
          values: f[7], layer };
        layer.extra.forEach((name, i) => { feature[name] = f[8][i]; });
        feature.shape = this.shape(layer, feature);
        if (layer.click) this.listen(feature);
        group.addLayer(feature.shape);
        return feature;
      });
      if (layer.on) this.map.addLayer(group);
      return { ...layer, group, features };
    }

    shape(layer, f) {
      const k = f.look, renderer = layer.objects ? this.upper : this.ground;
      const base = { renderer, interactive: layer.click, smoothFactor: 0.8, bubblingMouseEvents: false, ...this.base(layer, f) };
      if (layer.kind === "polygon") return L.polygon(f.at, base);
      if (layer.kind === "line") {
        const Line = k.casing ? Cased : L.Polyline;
        return new Line(f.at, { ...base, casing: k.casing, weight: f.size || k.width });
      }
      f.radius = f.size || k.radius;
      return new Symbol(f.at, { ...base, look: k, radius: f.radius, dx: f.dx || 0, dy: f.dy || 0,
        state: { doubt: f.doubt } });
    }

    base(layer, f) {
      const k = f.look, dash = f.doubt && layer.kind !== "point" ? (layer.kind === "line" ? "5 5" : "3 3")
        : k.dash.length ? k.dash.join(" ") : null;
      return { color: k.colour, opacity: k.opacity, weight: k.width, fill: Boolean(k.fill) && layer.kind !== "line",
        fillColor: k.fill, dashArray: dash, fillOpacity: k.fill_opacity * (f.doubt ? 0.6 : 1) };
    }

    // Show another reading of the same features: other classes, other numbers on the card.
    setView(layer, number) {
      const view = layer.views[number];
      layer.view = number;
      layer.features.forEach((f, i) => {
        f.look = layer.classes[view.classes[i]];
        f.values = view.values[i];
        f.shape.options.look = f.look;
        f.shape.setStyle(this.base(layer, f));
      });
    }

    listen(f) {
      f.shape.on("click", (event) => {
        L.DomEvent.stop(event);
        if (this.options.onClick) this.options.onClick(f.layer.key, f.id, event.latlng);
        if (this.options.quiet) this.showCard(f);
        else L.popup({ maxWidth: 360, autoPanPadding: [20, 60] })
          .setLatLng(event.latlng).setContent(this.card(f)).openOn(this.map);
      });
      f.shape.bindTooltip(() => {
        const kt = f.kt || f.capacity_kt;
        return el("div", "", this.name(f) + (kt ? ` · ${this.amount(kt)}` : ""));
      }, { sticky: true, className: "wb-tip" });
    }

    // Under a widget the facts stand in a corner, so that they never cover the next click.
    showCard(f) {
      if (this.corner) this.corner.remove();
      this.corner = null;
      if (!f) return;
      const box = el("div", "wb-box wb-corner");
      box.append(this.card(f));
      this.corner = this.control("bottomleft", box);
    }

    name(f) { return (this.lang ? f.en || f.zh : f.zh || f.en) || f.id; }
    say(pair) { return pair[this.lang]; }
    amount(kt) {
      return this.lang ? `${Math.round(kt).toLocaleString("en")} kt/yr`
        : `${(kt / 10).toLocaleString("zh-CN", { maximumFractionDigits: 1 })} 万吨/年`;
    }

    card(f) {
      const box = el("div", "wb-card");
      box.append(el("h2", "", this.name(f)));
      const table = el("table");
      const row = (title, value) => {
        const tr = el("tr");
        tr.append(el("th", "", title), el("td", "", String(value)));
        table.append(tr);
      };
      const kept = this.layers.get(f.layer.key), view = kept.views[kept.view || 0];
      const title = this.say(f.layer.title) + (view ? ` · ${this.say(view.title)}` : "");
      row(this.lang ? "Layer" : "图层", `${title} · ${this.say(f.look.title)}`);
      f.layer.fields.forEach((title, i) => {
        let value = f.values[i];
        if (value === null || value === "") return;
        if (Array.isArray(value)) value = this.say(value);
        if (value === true || value === false) value = this.say(value ? ["是", "yes"] : ["否", "no"]);
        row(this.say(title), typeof value === "number" ? value.toLocaleString() : value);
      });
      const moved = f.shape.options.state && f.shape.options.state.decision;
      if (f.layer.key === "lines") row(this.say(UI.decision), this.say(UI.decisions[moved || 0]));
      box.append(table);
      return box;
    }

    reorder() {
      for (const layer of this.layers.values()) {
        if (this.map.hasLayer(layer.group)) layer.group.eachLayer((shape) => shape.bringToFront());
      }
      for (const group of [this.flows, this.arrows]) {
        if (this.map.hasLayer(group)) group.eachLayer((shape) => shape.bringToFront());
      }
      const sites = this.layers.get("sites");
      if (sites) sites.features.forEach((f) => f.build > 0 && f.shape._map && f.shape.bringToFront());
    }

    rescale() {
      const scale = Math.min(2.1, Math.max(0.62, 1 + 0.22 * (this.map.getZoom() - 7)));
      for (const layer of this.layers.values()) {
        if (layer.kind !== "point") continue;
        for (const f of layer.features) {
          f.shape.options.scale = scale;
          f.shape.setRadius((f.build > 0 ? Math.max(f.radius, 9) : f.radius) * scale);
        }
      }
      this.map.getPane("labels").style.visibility = "";
      this.drawSizes(scale);
    }

    // The size key is drawn at the scale of the map, so that it stays true at every zoom.
    drawSizes(scale) {
      if (!this.sizeKey) return;
      const canvas = this.sizeKey.firstChild, radii = [1, 3].map((mt) => scale * (3 + 4.2 * Math.sqrt(mt)));
      const wide = 2 * (radii[0] + radii[1]) + 10, high = 2 * radii[1] + 4;
      const ctx = this.prepare(canvas, wide, high);
      const look = { colour: "#77715f", fill: "#e4e1d8", fill_opacity: 1, width: 1, shape: "circle" };
      symbol(ctx, look, radii[0] + 2, high / 2, radii[0]);
      symbol(ctx, look, wide - radii[1] - 3, high / 2, radii[1]);
    }

    // ---- the plan -----------------------------------------------------------------------------------
    // values: decision per line, target per line, new capacity per site, then flows (origin, market, kt).
    applyMoves(values) {
      const lines = this.layers.get("lines"), sites = this.layers.get("sites");
      if (!lines || !sites) return;
      const n = lines.features.length, m = sites.features.length, build = values.subarray(2 * n, 2 * n + m);
      lines.features.forEach((f, i) => {
        f.decision = values[i];
        f.target = values[n + i];
        f.shape.options.state = { ...f.shape.options.state, decision: f.decision };
      });
      sites.features.forEach((f, i) => { f.build = build[i]; this.dressSite(f); });
      this.drawArrows(lines, sites);
      this.drawFlows(lines, sites, values.subarray(2 * n + m));
      this.rescale();
      lines.features.forEach((f) => { if (f.shape._map) f.shape.redraw(); });
      this.drawLabels();
    }

    dressSite(f) {
      f.kt = f.build > 0 ? f.build : null;
      f.shape.options.look = f.build > 0
        ? { ...f.look, shape: "star", fill: "#3bb273", colour: "#0c5a35", width: 1.4, fill_opacity: 1 } : f.look;
    }

    drawArrows(lines, sites) {
      const bundles = new Map();
      lines.features.forEach((f) => {
        if (f.decision !== 2 || f.target < 0) return;
        const key = `${f.plant_id}|${f.target}`, site = sites.features[f.target];
        const bundle = bundles.get(key) || { from: f, site, kt: 0, colour: f.look.colour };
        bundle.kt += f.capacity_kt || 0;
        bundles.set(key, bundle);
      });
      const all = [...bundles.values()].sort((a, b) => b.kt - a.kt), most = all.length ? all[0].kt : 1;
      this.arrows.clearLayers();
      this.drawn.arrows = all.map((b) => {
        const east = b.site.at[1] > b.from.at[1] ? 1 : -1;
        const shape = new Arrow(bend(b.from.at, b.site.at, 0.16 * east), { renderer: this.upper, color: b.colour,
          weight: 2 + 5 * Math.sqrt(b.kt / most), opacity: 0.88, interactive: true, bubblingMouseEvents: false });
        shape.bindTooltip(() => el("div", "",
          `${this.name(b.from)} → ${this.name(b.site)} · ${this.amount(b.kt)}`), { sticky: true, className: "wb-tip" });
        this.arrows.addLayer(shape);
        return b;
      });
      sites.features.forEach((f) => { if (f.build > 0 && f.shape._map) f.shape.bringToFront(); });
    }

    drawFlows(lines, sites, flows) {
      const markets = this.layers.get("markets");
      this.drawn.flows = [];
      this.flows.clearLayers();
      if (!markets || !flows.length) return;
      let most = 1;
      for (let i = 2; i < flows.length; i += 3) most = Math.max(most, flows[i]);
      for (let i = 0; i + 2 < flows.length; i += 3) {
        const n = lines.features.length, o = flows[i];
        const from = o < n ? lines.features[o] : sites.features[o - n], to = markets.features[flows[i + 1]];
        if (!from || !to) continue;
        this.drawn.flows.push({ from, to, kt: flows[i + 2] });
        const shape = L.polyline(bend(from.at, to.at, 0.06), { renderer: this.upper, interactive: false,
          color: "#3d6f8e", weight: 0.6 + 5 * Math.sqrt(flows[i + 2] / most), opacity: 0.42, smoothFactor: 0 });
        this.flows.addLayer(shape);
        if (shape._map) shape.bringToBack();
      }
    }

    // Ring the chosen line and the sites that may receive it: those given, or else all of its industry.
    select(id, receivers) {
      const lines = this.layers.get("lines"), sites = this.layers.get("sites");
      if (!lines || !sites) return;
      const chosen = lines.features.find((f) => f.id === id) || null;
      this.drawn.selected = chosen && chosen.id;
      for (const f of lines.features) this.mark(f, { selected: f === chosen });
      for (const f of sites.features) {
        const fits = chosen && f.industries.split(";").includes(chosen.industry);
        const barred = chosen && (f.barred || "").split(";").includes(chosen.industry);
        this.mark(f, { allowed: Boolean(chosen && (receivers ? receivers.includes(f.id) : fits && !barred)) });
      }
    }

    mark(f, change) {
      const old = f.shape.options.state;
      if (Object.entries(change).every(([key, value]) => Boolean(old[key]) === value)) return;
      f.shape.options.state = { ...old, ...change };
      if (f.shape._map) f.shape.redraw();
    }

    setZone(zone) {
      const layer = this.layers.get("zone");
      this.spec.zone = zone;
      if (!layer) return;
      for (const f of layer.features) {
        const on = f.id === zone;
        f.shape.setStyle({ opacity: on ? 1 : 0, fillOpacity: on ? f.look.fill_opacity : 0 });
      }
      this.drawLabels();
    }

    // ---- labels ---------------------------------------------------------------------------------------
    // Greedy: the most important first, each only where it hides no other label.
    drawLabels() {
      const pane = this.map.getPane("labels"), taken = [], symbols = this.obstacles(), zoom = this.map.getZoom(), view = this.map.getBounds().pad(0.1);
      const corner = this.map.containerPointToLayerPoint([0, 0]), size = this.map.getSize();
      const seen = (b) => b.x - b.w / 2 >= corner.x && b.x + b.w / 2 <= corner.x + size.x
        && b.y - b.h / 2 >= corner.y && b.y + b.h / 2 <= corner.y + size.y;
      pane.replaceChildren();
      for (const wish of this.wishes(zoom)) {
        if (!view.contains(wish.at)) continue;
        const spot = this.map.latLngToLayerPoint(wish.at), { wide, high } = this.extent(wish.text, wish.kind);
        const aside = wish.off + wide / 2, over = wish.off + high / 2;
        const places = wish.off ? [[aside, 0], [-aside, 0], [aside, high], [aside, -high], [-aside, high], [-aside, -high],
          [0, over], [0, -over], [aside, 2 * high], [-aside, 2 * high], [aside, -2 * high], [-aside, -2 * high]] : [[0, 0], [0, high], [0, -high], [0.6 * wide, 0], [-0.6 * wide, 0], [0, 2 * high],
          [0, -2 * high]];
        const boxes = places.map(([dx, dy]) => ({ x: spot.x + dx, y: spot.y + dy, w: wide, h: high }));
        const free = boxes.filter((b) => !hits(b, taken));
        const box = free.find((b) => seen(b) && !hits(b, symbols)) || free.find(seen) || free[0];
        if (!box) continue;
        taken.push(box);
        const span = el("span", wish.kind, wish.text);
        span.style.left = `${box.x}px`;
        span.style.top = `${box.y}px`;
        pane.append(span);
      }
    }

    // Room a label takes in the font this machine has, in pixels; remembered, as maps are moved often.
    extent(text, kind) {
      if (!this.extents) Object.assign(this, { extents: new Map(), pen: document.createElement("canvas").getContext("2d") });
      const key = `${kind} ${text}`;
      if (!this.extents.has(key)) {
        const sample = this.map.getPane("labels").appendChild(el("span", kind, "")), style = getComputedStyle(sample);
        this.pen.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
        const spread = (parseFloat(style.letterSpacing) || 0) * text.length;
        this.extents.set(key, { wide: this.pen.measureText(text).width + spread + 6, high: parseFloat(style.fontSize) * 1.3 });
        sample.remove();
      }
      return this.extents.get(key);
    }

    // Boxes of the symbols that a label should not cover.
    obstacles() {
      const boxes = [];
      for (const layer of this.layers.values()) {
        if (layer.kind !== "point" || !layer.objects || !this.map.hasLayer(layer.group)) continue;
        for (const f of layer.features) {
          if (!f.shape._point) continue;
          const r = f.shape._radius, p = f.shape.place();
          boxes.push({ x: p.x, y: p.y, w: 2 * r, h: 2 * r });
        }
      }
      return boxes;
    }

    wishes(zoom) {
      const list = [];
      for (const layer of this.layers.values()) {
        if (!layer.label || !this.map.hasLayer(layer.group)) continue;
        for (const f of layer.features) {
          if (layer.key === "zone" && f.id !== this.spec.zone) continue;
          const at = f.label_lat ? [f.label_lat, f.label_lon] : f.at, built = f.build > 0;
          if (layer.label === "area") list.push({ at, text: this.name(f), kind: layer.key === "zone" ? "zone" : "area", rank: 1 });
          else if (built) list.push({ at, text: `${short(this.name(f))} ${this.amount(f.build)}`, kind: "place", rank: 0, off: 12 });
          else if (f.tag) list.push({ at, text: short(this.say(f.tag)), kind: "place", rank: 0.5, off: f.radius + 4 });
          else if (layer.label === "point" && (zoom >= 9.5 || (zoom >= 8.5 && f.radius > 8))) {
            list.push({ at, text: short(this.name(f)), kind: "point", rank: 9 - f.radius / 100, off: f.radius + 5 });
          }
        }
      }
      const seen = new Set();
      return list.sort((a, b) => a.rank - b.rank).filter((w) => {
        const key = `${w.text}|${w.kind}`;
        return seen.has(key) ? false : seen.add(key);
      });
    }

    // ---- furniture ------------------------------------------------------------------------------------
    furnish() {
      if (this.furniture) this.furniture.forEach((control) => control.remove());
      document.documentElement.lang = this.lang ? "en" : "zh-CN";
      document.title = this.say(this.spec.title);
      this.furniture = [this.control("topleft", this.titleBox()), this.control("topright", this.panel()),
        L.control.scale({ imperial: false, maxWidth: 160, position: "bottomleft" }).addTo(this.map),
        this.control("bottomright", this.sources())];
      const corner = this.map.getContainer().querySelector(".leaflet-top.leaflet-left");
      corner.prepend(this.furniture[0].getContainer());
    }

    panelOpen() { return this.map.getSize().x > 960; }

    // The sources stand in one line until a reader points at or tabs to them.
    sources() {
      const box = el("div", "wb-sources", this.say(this.spec.sources));
      box.tabIndex = 0;
      return box;
    }

    setSubtitle(pair) {
      this.spec.subtitle = pair;
      this.subtitle.textContent = this.say(pair);
    }

    control(position, node) {
      const control = L.control({ position });
      control.onAdd = () => { L.DomEvent.disableClickPropagation(node).disableScrollPropagation(node); return node; };
      return control.addTo(this.map);
    }

    titleBox() {
      const box = el("div", "wb-box wb-title"), button = el("button", "wb-lang", this.lang ? "中文" : "English");
      button.type = "button";
      button.onclick = () => this.setLanguage(this.lang ? "zh" : "en");
      if (!this.options.quiet) box.append(button);
      box.append(el("h1", "", this.say(this.spec.title)));
      this.subtitle = el("p", "", this.say(this.spec.subtitle));
      box.append(this.subtitle);
      return box;
    }

    setLanguage(lang) {
      this.lang = lang === "en" ? 1 : 0;
      this.showCard(null);
      this.furnish();
      this.drawLabels();
    }

    panel() {
      const panel = el("details", "wb-box wb-panel");
      panel.open = this.panelOpen();
      panel.append(el("summary", "", this.say(UI.panel)));
      if (this.spec.moves) {
        panel.append(this.entry(UI.moves, this.map.hasLayer(this.arrows), (on) => this.toggle(this.arrows, on), this.moveKey()));
        if (this.layers.has("markets")) {
          panel.append(this.entry(UI.flows, this.map.hasLayer(this.flows), (on) => this.toggle(this.flows, on), []));
        }
      }
      for (const layer of [...this.layers.values()].reverse()) {
        const box = this.entry(layer.title, this.map.hasLayer(layer.group), (on) => this.toggle(layer.group, on), this.legend(layer));
        if (layer.views.length) this.chooser(layer, box);
        panel.append(box);
      }
      return panel;
    }

    toggle(group, on) {
      if (on) this.map.addLayer(group); else this.map.removeLayer(group);
      this.reorder();
      this.rescale();
      this.drawLabels();
    }

    entry(title, on, change, rows) {
      const box = el("div", `wb-layer${on ? "" : " wb-off"}`), label = el("label"), tick = el("input");
      tick.type = "checkbox";
      tick.checked = on;
      tick.onchange = () => { box.classList.toggle("wb-off", !tick.checked); change(tick.checked); };
      label.append(tick, el("span", "", this.say(title)));
      const list = el("ul", "wb-classes");
      list.append(...rows);
      box.append(label, list);
      return box;
    }

    chooser(layer, box) {
      const select = el("select", "wb-view"), list = box.querySelector(".wb-classes");
      select.setAttribute("aria-label", this.say(layer.title));
      layer.views.forEach((view, i) => {
        const option = el("option", "", this.say(view.title));
        option.value = String(i);
        select.append(option);
      });
      select.value = String(layer.view || 0);
      select.onchange = () => {
        this.setView(layer, Number(select.value));
        list.replaceChildren(...this.legend(layer));
      };
      box.insertBefore(select, list);
    }

    legend(layer) {
      const used = new Set(layer.features.map((f) => f.look));
      const rows = layer.classes.filter((k) => used.has(k)).map((k) => this.row(k.title, (ctx) => this.sample(ctx, layer, k)));
      if (layer.key === "lines" || layer.key === "plants") {
        this.sizeKey = this.row(UI.size, () => {});
        rows.push(this.sizeKey);
      }
      if (layer.features.some((f) => f.doubt)) {
        rows.push(el("li", "wb-note", this.say(layer.kind === "line" ? UI.straight : UI.doubt)));
      }
      return rows;
    }

    moveKey() {
      const look = { colour: "#7c1d1d", fill: "#c8463c", fill_opacity: 0.9, width: 1, shape: "circle" };
      const rows = [this.row(UI.arrow, (ctx) => arrow(ctx, [...Array(13).keys()].map((i) => L.point(2 + 2.5 * i, 10)), 3, look.colour, 0.9))];
      UI.decisions.forEach((title, i) => rows.push(this.row(title, (ctx) => symbol(ctx, look, 17, 9.5, 6, { decision: i }))));
      rows.push(this.row(UI.receiver, (ctx) => symbol(ctx,
        { colour: "#0c5a35", fill: "#3bb273", fill_opacity: 1, width: 1.4, shape: "star" }, 17, 9.5, 7)));
      return rows;
    }

    row(title, draw) {
      const item = el("li"), canvas = el("canvas");
      draw(this.prepare(canvas, 34, 19));
      item.append(canvas, el("span", "", this.say(title)));
      return item;
    }

    prepare(canvas, wide, high) {
      const sharp = Math.max(1, window.devicePixelRatio || 1);
      Object.assign(canvas, { width: wide * sharp, height: high * sharp });
      Object.assign(canvas.style, { width: `${wide}px`, height: `${high}px` });
      const ctx = canvas.getContext("2d");
      ctx.scale(sharp, sharp);
      return ctx;
    }

    sample(ctx, layer, k) {
      if (layer.kind === "point") return symbol(ctx, k, 17, 9.5, Math.min(7, k.radius + 1));
      ctx.globalAlpha = k.opacity;
      ctx.strokeStyle = k.colour;
      ctx.lineWidth = k.width;
      ctx.setLineDash(k.dash);
      ctx.beginPath();
      if (layer.kind === "line") { ctx.moveTo(2, 9.5); ctx.lineTo(32, 9.5); } else ctx.rect(4, 3, 26, 13);
      if (layer.kind === "polygon" && k.fill) { ctx.fillStyle = k.fill; ctx.globalAlpha = k.fill_opacity; ctx.fill(); ctx.globalAlpha = 1; }
      ctx.stroke();
      if (k.casing) { ctx.setLineDash([5, 5]); ctx.lineWidth = Math.max(0.6, k.width - 1); ctx.strokeStyle = k.casing; ctx.stroke(); }
      return undefined;
    }
  }

  window.WorkbenchMap = WorkbenchMap;
})();
