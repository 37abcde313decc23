// Teaches Leaflet's canvas the symbols of the workbench: shapes, decisions, curved arrows, two stacked canvases.
(function () {
  "use strict";
  const TAU = 2 * Math.PI;
  const POLYGONS = {
    square: [4, 0.89, TAU / 8], triangle: [3, 1.2, -TAU / 4], triangle_down: [3, 1.2, TAU / 4],
    diamond: [4, 1.15, 0], hexagon: [6, 1.05, 0],
  };

  // Put the outline of a shape of radius r around (x, y) into the context's path.
  function outline(ctx, shape, x, y, r) {
    ctx.beginPath();
    if (shape === "drop") {
      ctx.moveTo(x, y - 1.45 * r);
      ctx.bezierCurveTo(x + 0.5 * r, y - 0.6 * r, x + r, y - 0.2 * r, x + r, y + 0.25 * r);
      ctx.arc(x, y + 0.25 * r, r, 0, Math.PI);
      ctx.bezierCurveTo(x - r, y - 0.2 * r, x - 0.5 * r, y - 0.6 * r, x, y - 1.45 * r);
    } else if (shape === "star") {
      for (let i = 0; i < 10; i++) {
        const q = i % 2 ? 0.5 * r : 1.15 * r, a = -TAU / 4 + i * TAU / 10;
        ctx[i ? "lineTo" : "moveTo"](x + q * Math.cos(a), y + q * Math.sin(a));
      }
    } else if (POLYGONS[shape]) {
      const [n, grow, turn] = POLYGONS[shape];
      for (let i = 0; i < n; i++) {
        const a = turn + i * TAU / n;
        ctx[i ? "lineTo" : "moveTo"](x + grow * r * Math.cos(a), y + grow * r * Math.sin(a));
      }
    } else {
      ctx.arc(x, y, r, 0, TAU);
    }
    ctx.closePath();
  }

  // Draw a symbol in its class's look, changed by what the plan decides: 0 keep, 1 close, 2 move.
  function symbol(ctx, look, x, y, r, state) {
    const { decision = 0, doubt = false, selected = false, focus = false, faded = false, pinned = false } = state || {};
    ctx.save();
    ctx.setLineDash([]);
    if (selected || focus) {
      ctx.beginPath();
      ctx.arc(x, y, r + (selected ? 5 : 4), 0, TAU);
      ctx.lineWidth = selected ? 3 : 2.5;
      ctx.strokeStyle = selected ? "#111" : "#1b62a5";
      ctx.stroke();
    }
    const shade = (alpha) => { ctx.globalAlpha = faded ? 0.35 * alpha : alpha; };
    outline(ctx, look.shape, x, y, r);
    shade(0.85);
    ctx.lineWidth = look.width + 2;
    ctx.strokeStyle = "#fff";
    ctx.stroke();
    shade(1);
    ctx.fillStyle = "#fff"; // pale symbols hide what stands below them, as full ones do
    ctx.fill();
    shade(decision === 2 ? 0.25 : look.fill_opacity * (doubt ? 0.55 : 1));
    ctx.fillStyle = decision === 1 ? "#fff" : look.fill || "#fff";
    ctx.fill();
    shade(1);
    ctx.lineWidth = decision ? look.width + 0.6 : look.width;
    ctx.strokeStyle = look.colour;
    ctx.setLineDash(doubt ? [2.5, 2] : []);
    ctx.stroke();
    ctx.setLineDash([]);
    if (decision === 1) {
      const q = 0.55 * r + 1;
      ctx.beginPath();
      ctx.moveTo(x - q, y - q); ctx.lineTo(x + q, y + q);
      ctx.moveTo(x + q, y - q); ctx.lineTo(x - q, y + q);
      ctx.lineWidth = 1.8;
      ctx.stroke();
    }
    if (decision === 2) {
      ctx.beginPath();
      ctx.arc(x, y, Math.max(1.6, 0.3 * r), 0, TAU);
      ctx.fillStyle = look.colour;
      ctx.fill();
    }
    if (pinned) pin(ctx, x + 0.7 * r + 1, y - 0.7 * r - 1);
    ctx.restore();
  }

  // What the planner decided by hand carries a pin; what the optimiser proposes carries none.
  function pin(ctx, x, y) {
    ctx.beginPath();
    ctx.moveTo(x, y); ctx.lineTo(x - 3, y + 5);
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = "#1b3f66";
    ctx.stroke();
    ctx.beginPath();
    ctx.arc(x, y - 1, 3.2, 0, TAU);
    ctx.fillStyle = "#1f6fc0";
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = "#fff";
    ctx.stroke();
  }

  // Draw an arrow along pixel points: white casing, shaft (dashed for a proposal), head.
  function arrow(ctx, points, width, colour, opacity, dashed) {
    const end = points[points.length - 1], head = 5 + 1.9 * width;
    let k = points.length - 1;
    while (k > 0 && Math.hypot(points[k].x - end.x, points[k].y - end.y) < 0.8 * head) k--;
    const neck = points[k], a = Math.atan2(end.y - neck.y, end.x - neck.x);
    const shaft = points.slice(0, k + 1);
    ctx.save();
    ctx.globalAlpha = opacity;
    ctx.lineJoin = "round";
    for (const [colourNow, extra] of [["#fff", 2.4], [colour, 0]]) {
      ctx.beginPath();
      shaft.forEach((p, i) => ctx[i ? "lineTo" : "moveTo"](p.x, p.y));
      ctx.lineTo(end.x - 0.7 * head * Math.cos(a), end.y - 0.7 * head * Math.sin(a));
      ctx.lineWidth = width + extra;
      ctx.strokeStyle = colourNow;
      ctx.setLineDash(dashed && !extra ? [3 * width, 1.5 * width] : []);
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.beginPath();
      ctx.moveTo(end.x, end.y);
      ctx.lineTo(end.x - head * Math.cos(a - 0.42), end.y - head * Math.sin(a - 0.42));
      ctx.lineTo(end.x - head * Math.cos(a + 0.42), end.y - head * Math.sin(a + 0.42));
      ctx.closePath();
      if (extra) { ctx.lineWidth = extra; ctx.stroke(); } else { ctx.fillStyle = colour; ctx.fill(); }
    }
    ctx.restore();
  }

  // A thin line from a true place to a symbol that stands apart from it.
  function lead(ctx, from, to) {
    ctx.save();
    ctx.beginPath();
    ctx.moveTo(from.x, from.y); ctx.lineTo(to.x, to.y);
    ctx.lineWidth = 0.8;
    ctx.strokeStyle = "#6e6757";
    ctx.stroke();
    ctx.restore();
  }

  L.Canvas.include({
    _updateSymbol(layer) {
      if (!this._drawing || layer._empty() || layer.options.state.hidden) return;
      const p = layer.place(), shift = layer.options.shift;
      if (shift && Math.hypot(shift.x, shift.y) > layer._radius && !layer.options.state.faded) lead(this._ctx, layer._point, p);
      symbol(this._ctx, layer.options.look, p.x, p.y, layer._radius, layer.options.state);
    },
    _updateArrow(layer) {
      if (!this._drawing || !layer._parts.length) return;
      arrow(this._ctx, layer._rings[0], layer.options.weight, layer.options.color, layer.options.opacity,
        layer.options.dashed);
    },
    _updateCased(layer) {
      if (!this._drawing || !layer._parts.length) return;
      const ctx = this._ctx;
      ctx.save();
      for (const part of layer._parts) {
        ctx.beginPath();
        part.forEach((p, i) => ctx[i ? "lineTo" : "moveTo"](p.x, p.y));
        ctx.setLineDash([]);
        ctx.lineWidth = layer.options.weight;
        ctx.strokeStyle = layer.options.color;
        ctx.stroke();
        ctx.lineWidth = Math.max(0.6, layer.options.weight - 1);
        ctx.strokeStyle = layer.options.casing;
        ctx.setLineDash(layer.options.dashArray ? [3, 6] : [6, 6]);
        ctx.stroke();
      }
      ctx.restore();
    },
  });

  // A symbol at a place, moved by (dx, dy) at the map's scale where several share one place, or by `shift` pixels.
  const Symbol = L.CircleMarker.extend({
    options: { dx: 0, dy: 0, state: {} },
    place() {
      const s = this.options.scale || 1, shift = this.options.shift;
      if (shift) return this._point.add(shift);
      return L.point(this._point.x + s * this.options.dx, this._point.y + s * this.options.dy);
    },
    _updatePath() { this._renderer._updateSymbol(this); },
    _updateBounds() {
      const pad = this._radius * 1.5 + 12, p = this.place();
      this._pxBounds = new L.Bounds([p.subtract([pad, pad]), p.add([pad, pad]), this._point]);
    },
    _containsPoint(p) { return p.distanceTo(this.place()) <= this._radius + 3; },
  });

  const Arrow = L.Polyline.extend({
    options: { noClip: true, smoothFactor: 0 },
    _updatePath() { this._renderer._updateArrow(this); },
    _updateBounds() {
      L.Polyline.prototype._updateBounds.call(this);
      if (this._pxBounds) this._pxBounds = new L.Bounds(
        this._pxBounds.min.subtract([20, 20]), this._pxBounds.max.add([20, 20])); // room for the head
    },
  });

  // A railway as maps draw it: dark line with light dashes inside.
  const Cased = L.Polyline.extend({ _updatePath() { this._renderer._updateCased(this); } });

  // The upper canvas hides the lower one from the mouse: what it does not hit is handed down.
  const UpperCanvas = L.Canvas.extend({
    initialize(below, options) { this.below = below; L.Canvas.prototype.initialize.call(this, options); },
    _hits(event) {
      const point = this._map.mouseEventToLayerPoint(event);
      for (let order = this._drawFirst; order; order = order.next) {
        if (order.layer.options.interactive && order.layer._containsPoint(point)) return true;
      }
      return false;
    },
    _onClick(event) {
      if (this._hits(event)) L.Canvas.prototype._onClick.call(this, event);
      else this.below._onClick(event);
    },
    _onMouseMove(event) {
      if (this._map.dragging.moving() || this._map._animatingZoom) return;
      const hit = this._hits(event);
      L.Canvas.prototype._onMouseMove.call(this, event);
      if (hit) this.below._handleMouseOut(event); else this.below._onMouseMove(event);
      const over = hit || this.below._hoveredLayer;
      this._container.classList.toggle("leaflet-interactive", Boolean(over));
    },
    _handleMouseOut(event) {
      L.Canvas.prototype._handleMouseOut.call(this, event);
      if (event.type === "mouseout") this.below._handleMouseOut(event);
    },
  });

  // Points of a gently bent path from a to b, in latitude and longitude, bent in the map's plane.
  function bend(a, b, amount) {
    const p = L.CRS.EPSG3857.project(L.latLng(a)), q = L.CRS.EPSG3857.project(L.latLng(b));
    const cx = (p.x + q.x) / 2 - amount * (q.y - p.y), cy = (p.y + q.y) / 2 + amount * (q.x - p.x);
    const path = [];
    for (let i = 0; i <= 24; i++) {
      const t = i / 24, u = 1 - t;
      path.push(L.CRS.EPSG3857.unproject(L.point(
        u * u * p.x + 2 * u * t * cx + t * t * q.x, u * u * p.y + 2 * u * t * cy + t * t * q.y)));
    }
    return path;
  }

  window.WorkbenchShapes = { symbol, arrow, Symbol, Arrow, Cased, UpperCanvas, bend };
})();
