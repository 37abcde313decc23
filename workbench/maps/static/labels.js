// Places the names on the map: which are wished for, how much room each takes, what it must not cover.
(function () {
  "use strict";
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

  class MapLabels {
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
          if (!f.shape._point || f.off || f.shape.options.state.hidden) continue;
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
          if (f.off || (f.shape.options.state || {}).hidden) continue;
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
  }

  window.WorkbenchLabels = { MapLabels, el };
})();
