// The furniture around the map: title, sources, the panel of layers with its legend.
(function () {
  "use strict";
  const { symbol, arrow } = window.WorkbenchShapes;
  const { MapLabels, el } = window.WorkbenchLabels;
  const UI = {
    mine: ["图钉：规划者手定", "Pin: decided by hand"], proposed: ["虚线箭头：优化建议", "Dashed arrow: proposed by the optimiser"],
    home: ["回到全省", "Back to the whole province"],
    panel: ["图层与图例", "Layers and legend"], moves: ["产能转移", "Capacity moves"],
    arrow: ["转移（箭头宽度为产能）", "Move (width = capacity)"], doubt: ["虚线轮廓：资料可信度低或范围为近似",
      "Broken outline: low confidence or approximate extent"],
    pale: ["色浅、虚线轮廓：资料可信度低", "Pale, broken outline: low confidence"],
    straight: ["虚线：走向不明，直线示意", "Dashed: course unknown, drawn straight"],
    decision: ["决定", "Decision"], decisions: [["保留", "Keep"], ["关闭", "Close"], ["转移", "Move"]],
    size: ["产能 100、300 万吨/年", "1 and 3 Mt/yr"],
    flows: ["产品流向（线宽为数量）", "Deliveries (width = quantity)"], receiver: ["承接地新建产能", "Receiving site, new capacity"],
    from: ["迁出", "From"], to: ["迁入", "To"], capacity: ["产能", "Capacity"], source: ["来源", "Source"],
    dashed: ["虚线", "dashed"], zoom: [["放大", "Zoom in"], ["缩小", "Zoom out"]],
  };

  class MapPanel extends MapLabels {
    furnish() {
      document.documentElement.lang = this.lang ? "en" : "zh-CN";
      document.title = this.say(this.spec.title);
      const open = this.furniture && this.furniture[0].getContainer().open;
      if (this.furniture) this.furniture.forEach((control) => control.remove());
      this.furniture = [this.control("topright", this.panel()), this.control("topleft", this.home()),
        L.control.scale({ imperial: false, maxWidth: 160, position: "bottomleft" }).addTo(this.map)];
      this.map.getContainer().querySelectorAll(".leaflet-control-zoom a").forEach((press, number) => {
        press.title = this.say(UI.zoom[number]);
        press.setAttribute("aria-label", press.title);
      });
      if (open !== undefined) this.furniture[0].getContainer().open = open;
      if (this.scale) this.drawSizes(this.scale);
      if (this.options.quiet) return; // the page around tells title and sources
      this.furniture.push(this.control("bottomright", this.sources()), this.control("topleft", this.titleBox()));
      this.map.getContainer().querySelector(".leaflet-top.leaflet-left").prepend(this.furniture.at(-1).getContainer());
    }

    // Back to the whole province.
    home() {
      const bar = el("div", "leaflet-bar"), button = el("button", "wb-home", "⌂");
      button.type = "button";
      button.title = this.say(UI.home);
      button.setAttribute("aria-label", this.say(UI.home));
      button.onclick = () => this.fit();
      bar.append(button);
      return bar;
    }

    panelOpen() { return this.map.getSize().x > 960; }

    // The sources stand in one line until a reader points at or tabs to them.
    sources() {
      const box = el("div", "wb-sources", this.say(this.spec.sources));
      box.tabIndex = 0;
      return box;
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
      box.append(button, el("h1", "", this.say(this.spec.title)), el("p", "", this.say(this.spec.subtitle)));
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
      panel.open = this.panelOpen() && !this.options.quiet;
      panel.ontoggle = () => panel.open && this.options.onLegend && this.options.onLegend();
      panel.append(el("summary", "", this.say(UI.panel)));
      if (this.spec.moves) {
        panel.append(this.entry(UI.moves, this.map.hasLayer(this.arrows), (on) => this.toggle(this.arrows, on), this.moveKey()));
        if (this.layers.has("markets")) {
          panel.append(this.entry(UI.flows, this.map.hasLayer(this.flows), (on) => this.toggle(this.flows, on), []));
        }
      }
      for (const layer of [...this.layers.values()].reverse()) {
        if (this.industry && layer.key.startsWith("eligible_") && layer.key !== `eligible_${this.industry}`) continue;
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
      const used = new Set(layer.features.filter((f) => !f.off).map((f) => f.look));
      const rows = layer.classes.filter((k) => used.has(k)).map((k) => this.row(k.title, (ctx) => this.sample(ctx, layer, k)));
      if (layer.key === "lines" || layer.key === "plants") {
        this.sizeKey = this.row(UI.size, () => {});
        rows.push(this.sizeKey);
      }
      const doubtful = layer.features.find((f) => f.doubt && !f.off);
      if (doubtful && layer.kind === "point") {
        rows.push(this.row(UI.pale, (ctx) => symbol(ctx, doubtful.look, 17, 9.5, Math.min(7, doubtful.look.radius + 1), { doubt: true })));
      } else if (doubtful) {
        rows.push(el("li", "wb-note", this.say(layer.kind === "line" ? UI.straight : UI.doubt)));
      }
      return rows;
    }

    moveKey() {
      // of no industry: what stands for a decision is not its colour
      const look = { colour: "#55524a", fill: "#a19d92", fill_opacity: 0.9, width: 1, shape: "circle" }, moving = "#7c1d1d";
      const rows = [this.row(UI.arrow, (ctx) => arrow(ctx, [...Array(13).keys()].map((i) => L.point(2 + 2.5 * i, 10)), 3, moving, 0.9))];
      UI.decisions.forEach((title, i) => rows.push(this.row(title, (ctx) => symbol(ctx, look, 17, 9.5, 6, { decision: i }))));
      if (this.options.quiet) {
        rows.push(this.row(UI.mine, (ctx) => symbol(ctx, look, 17, 10.5, 6, { decision: 2, pinned: true })));
        rows.push(this.row(UI.proposed, (ctx) => arrow(ctx, [...Array(13).keys()].map((i) => L.point(2 + 2.5 * i, 10)), 3, moving, 0.9, true)));
      }
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

  window.WorkbenchPanel = { MapPanel, UI };
})();
