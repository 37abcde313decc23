// Draws one map description: layers, cards, moves. Text from data enters by textContent only.
(function () {
  "use strict";
  const { symbol, Symbol, Arrow, Cased, UpperCanvas, bend } = window.WorkbenchShapes;
  const { el } = window.WorkbenchLabels, { MapPanel, UI } = window.WorkbenchPanel;

  class WorkbenchMap extends MapPanel {
    constructor(map, spec, options) {
      super();
      Object.assign(this, { map, spec, options: options || {}, lang: spec.language === "en" ? 1 : 0 });
      this.ground = L.canvas({ padding: 0.3 });
      this.upper = new UpperCanvas(this.ground, { padding: 0.3 });
      map.createPane("upper").style.zIndex = 450;
      map.createPane("labels").style.zIndex = 620;
      this.upper.options.pane = "upper";
      map.getPane("labels").classList.add("wb-labels");
      this.layers = new Map();
      for (const layer of spec.layers) this.layers.set(layer.key, this.build(layer));
      this.drawn = { arrows: [], flows: [] };
      this.arrows = L.layerGroup();
      this.flows = L.layerGroup();
      this.flows.on("add", () => this.drawFlows());
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
      // what was measured before its characters had come was measured in another type
      document.fonts.addEventListener("loadingdone", () => { this.extents = null; this.drawLabels(); });
    }

    fit() {
      const first = this.layers.get("province") || this.layers.values().next().value;
      const room = this.panelOpen() && !this.options.quiet ? 262 : 6, left = this.options.quiet && this.map.getSize().x > 620 ? 44 : 6;
      if (first) this.map.fitBounds(first.group.getBounds(), { paddingTopLeft: [left, 6], paddingBottomRight: [room, 22], animate: false });
      this.fitted = { at: this.map.getCenter(), zoom: this.map.getZoom() };
    }

    // Fit again when the page gives the map another size, unless the reader has moved it meanwhile.
    resized() {
      const far = (at) => this.map.project(this.map.getCenter()).distanceTo(this.map.project(at)); // Leaflet rounds to pixels
      const kept = this.fitted && Math.abs(this.map.getZoom() - this.fitted.zoom) < 0.01 && far(this.fitted.at) < 4;
      this.map.invalidateSize({ pan: false });
      if (kept) this.fit();
    }

    // The features of a layer that the present industry shows.
    features(key) {
      const layer = this.layers.get(key);
      return layer ? layer.features.filter((f) => !f.off) : [];
    }

    // Show lines, sites and areas of one industry only; the rest waits on the page, undrawn.
    setIndustry(code) {
      this.industry = code;
      for (const layer of this.layers.values()) {
        const of = { lines: (f) => f.industry === code, sites: (f) => f.industries.split(";").includes(code) || f.build > 0 }[layer.key];
        for (const f of of ? layer.features : []) {
          f.off = !of(f);
          if (f.off) layer.group.removeLayer(f.shape); else layer.group.addLayer(f.shape);
        }
        if (layer.key.startsWith("eligible_") && layer.key !== `eligible_${code}`) this.map.removeLayer(layer.group);
      }
      this.furnish();
      this.reorder();
      this.rescale();
      this.drawLabels();
    }

    // Lay layers that came later just above the one they name, with their place in the legend.
    addLayers({ above, layers }) {
      const all = [...this.layers.values()], at = all.findIndex((layer) => layer.key === above) + 1;
      const made = layers.filter((layer) => !this.layers.has(layer.key)).map((layer) => this.build(layer));
      this.layers = new Map([...all.slice(0, at), ...made, ...all.slice(at)].map((layer) => [layer.key, layer]));
      this.furnish();
      this.reorder();
    }

    // ---- layers -----------------------------------------------------------------------------------
    build(layer) {
      const group = L.featureGroup(), twin = this.layers.get(layer.shapes_of);
      const places = new Map(twin ? twin.features.map((f) => [f.id, f.at]) : []);
      const features = layer.features.map((f, index) => {
        const look = layer.classes[f[1]];
        const feature = { id: f[0], index, look, at: f[2] || places.get(f[0]) || [], size: f[3], zh: f[4], en: f[5], doubt: Boolean(f[6]),
          values: f[7], layer };
        layer.extra.forEach((name, i) => { feature[name] = f[8][i]; });
        feature.shape = this.shape(layer, feature);
        if (layer.click && !this.handles(layer)) this.listen(feature);
        group.addLayer(feature.shape);
        return feature;
      });
      if (layer.on) this.map.addLayer(group);
      return { ...layer, group, features };
    }

    // Under a widget the planner's hand, not Leaflet, hears what is done to lines and sites.
    handles(layer) { return Boolean(this.options.quiet) && (layer.key === "lines" || layer.key === "sites"); }

    shape(layer, f) {
      const k = f.look, renderer = layer.objects ? this.upper : this.ground;
      const base = { renderer, interactive: layer.click && !this.handles(layer), smoothFactor: 0.8, bubblingMouseEvents: false, ...this.base(layer, f) };
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
        if (this.options.quiet) { this.showCard(f); this.options.onLand(event.latlng); }
        else L.popup({ maxWidth: 360, autoPanPadding: [20, 60] })
          .setLatLng(event.latlng).setContent(this.card(f)).openOn(this.map);
      });
      f.shape.bindTooltip(() => {
        const kt = f.kt || f.capacity_kt;
        return el("div", "", this.name(f) + (kt ? ` · ${this.amount(kt)}` : ""));
      }, { sticky: true, className: "wb-tip" });
    }

    // Under a widget the facts stand in a corner, so that they never cover the next click.
    showCard(f) { if (this.hand && !this.hand.held) this.hand.cards.showFacts(f); }

    name(f) { return (this.lang ? f.en || f.zh : f.zh || f.en) || f.id; }
    say(pair) { return pair[this.lang]; }
    amount(kt) {
      return this.lang ? `${(kt / 1000).toLocaleString("en", { maximumSignificantDigits: 3 })} Mt/yr`
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
      const scale = this.scale = Math.min(2.1, Math.max(0.62, 1 + 0.22 * (this.map.getZoom() - 7)));
      for (const layer of this.layers.values()) {
        if (layer.kind !== "point") continue;
        for (const f of layer.features) {
          f.shape.options.scale = scale;
          f.shape.setRadius((f.build > 0 ? Math.max(f.radius, 9) : f.radius) * scale);
        }
      }
      if (this.hand) this.hand.arrange();
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
      const n = lines.features.length, m = sites.features.length, plan = values.subarray(0, 2 * n + m);
      this.deliveries = values.subarray(2 * n + m);
      const same = this.plan && plan.every((value, i) => value === this.plan[i]); // an option often moves deliveries alone
      this.plan = plan;
      if (!same) this.applyPlan(lines, sites);
      if (this.map.hasLayer(this.flows)) this.drawFlows();
    }

    applyPlan(lines, sites) {
      const n = lines.features.length, build = this.plan.subarray(2 * n);
      lines.features.forEach((f, i) => {
        f.decision = this.plan[i];
        f.target = this.plan[n + i];
        f.shape.options.state = { ...f.shape.options.state, decision: f.decision };
      });
      sites.features.forEach((f, i) => { f.build = build[i]; this.dressSite(f); });
      this.drawArrows();
      this.rescale();
      lines.features.forEach((f) => { if (f.shape._map) f.shape.redraw(); });
      this.drawLabels();
    }

    dressSite(f) {
      f.kt = f.build > 0 ? f.build : null;
      f.shape.options.look = f.build > 0
        ? { ...f.look, shape: "star", fill: "#3bb273", colour: "#0c5a35", width: 1.4, fill_opacity: 1 } : f.look;
    }

    drawArrows() {
      const bundles = new Map(), lines = this.layers.get("lines"), sites = this.layers.get("sites");
      lines.features.forEach((f) => {
        if (f.decision !== 2 || f.target < 0) return;
        const mine = !this.hand || this.hand.pins.has(f.id), site = sites.features[f.target];
        const key = `${f.plant_id}|${f.target}|${mine}`;
        const bundle = bundles.get(key) || { from: f, site, mine, kt: 0, colour: f.look.colour };
        bundle.kt += f.capacity_kt || 0;
        bundles.set(key, bundle);
      });
      const all = [...bundles.values()].sort((a, b) => b.kt - a.kt), most = all.length ? all[0].kt : 1;
      this.arrows.clearLayers();
      this.drawn.arrows = all.map((b) => {
        const east = b.site.at[1] > b.from.at[1] ? 1 : -1;
        const shape = new Arrow(bend(b.from.at, b.site.at, 0.16 * east), { renderer: this.upper, color: b.colour,
          weight: 2 + 5 * Math.sqrt(b.kt / most), opacity: 0.88, dashed: !b.mine, interactive: !this.options.quiet, bubblingMouseEvents: false });
        if (!this.options.quiet) shape.bindTooltip(() => el("div", "",
          `${this.name(b.from)} → ${this.name(b.site)} · ${this.amount(b.kt)}`), { sticky: true, className: "wb-tip" });
        this.arrows.addLayer(shape);
        return b;
      });
      sites.features.forEach((f) => { if (f.build > 0 && f.shape._map) f.shape.bringToFront(); });
    }

    // Only while they are shown; the newest wait until then.
    drawFlows() {
      const [lines, sites, markets] = ["lines", "sites", "markets"].map((key) => this.layers.get(key)), flows = this.deliveries || [];
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
  }

  window.WorkbenchMap = WorkbenchMap;
})();
