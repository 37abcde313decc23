// How lines and sites look while a line is held and while none is: who is large, who is pale, who stands apart.
(function () {
  "use strict";
  const { apart } = window.WorkbenchApart;
  const LOOKS = {
    free: { colour: "#0c5a35", fill: "#2ea36a", fill_opacity: 1, width: 1.4, shape: "star" },
    restricted: { colour: "#7a5200", fill: "#e3a322", fill_opacity: 1, width: 1.4, shape: "star" },
    forbidden: { colour: "#87827a", fill: "#bdb8ae", fill_opacity: 0.8, width: 0.8, shape: "square" },
    built: { colour: "#0c5a35", fill: "#3bb273", fill_opacity: 1, width: 1.4, shape: "star" },
  };
  const LARGE = 9.5, SMALL = 4; // radii in pixels of a site that may take the line held, and of one that may not

  // held: null or {line, sites: Map of site id to free or restricted}; tried, focus: features or null.
  function pose(view, { held, tried, focus, pins }) {
    const lines = view.features("lines"), sites = view.features("sites"), scale = view.scale, spread = [];
    for (const f of sites) {
      const state = held ? held.sites.get(f.id) || "forbidden" : "";
      const hidden = !held && !(f.build > 0) && f.kind === "expansion"; // it stands where its works stands
      const large = Math.max(LARGE, LARGE * scale), small = held ? SMALL : 0.85 * f.radius * scale;
      const look = held && !(f.build > 0 && state === "forbidden") ? LOOKS[state] : f.build > 0 ? LOOKS.built : f.look;
      const r = look.shape === "star" ? large : small;
      dress(f, look, f === tried ? 1.25 * r : r, { hidden, focus: f === focus, selected: f === tried });
      if (!hidden) spread.push(f);
    }
    for (const f of lines) {
      const mine = held && held.line === f, faded = Boolean(held) && !mine;
      dress(f, f.look, f.radius * scale * (faded ? 0.6 : 1), { faded, selected: Boolean(mine), focus: f === focus, pinned: pins.has(f.id) });
      if (!faded) spread.push(f);
    }
    const items = spread.map((f) => ({ x: f.shape._point.x, y: f.shape._point.y, r: f.shape._radius, fixed: held && held.line === f }));
    const moved = new Map(apart(items).map((shift, i) => [spread[i], shift]));
    for (const f of [...sites, ...lines]) {
      f.shape.options.shift = moved.get(f) || L.point(0, 0);
      f.shape.redraw();
    }
    for (const f of order(lines, sites, held)) f.shape.bringToFront();
  }

  function dress(f, look, radius, state) {
    f.shape.options.look = look;
    f.shape.options.radius = f.shape._radius = radius;
    f.shape.options.state = { ...f.shape.options.state, ...state };
  }

  // From the lowest to the topmost: what can be aimed at stands in front.
  function order(lines, sites, held) {
    const built = sites.filter((f) => f.build > 0);
    if (!held) return [...sites, ...lines, ...built];
    const legal = (f) => held.sites.has(f.id);
    return [...lines, ...sites.filter((f) => !legal(f)), ...sites.filter(legal), held.line];
  }

  window.WorkbenchPose = { pose, LOOKS };
})();
