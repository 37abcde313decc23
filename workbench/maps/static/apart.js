// Sets symbols apart that would cover one another, each as near to its true place as it can stay.
(function () {
  "use strict";
  const GAP = 10, FAR = 30, ROUNDS = 90, TURN = 2.39996; // the golden angle: coinciding symbols part every which way

  // items: {x, y, r, fixed} in pixels, in a fixed order; returns how far each is moved, as L.Points.
  function apart(items) {
    const at = items.map((it, i) => ({ x: it.x + 0.01 * Math.cos(TURN * i), y: it.y + 0.01 * Math.sin(TURN * i) }));
    for (let round = 0; round < ROUNDS; round++) {
      if (round < 0.7 * ROUNDS) {
        items.forEach((it, i) => { at[i].x += 0.08 * (it.x - at[i].x); at[i].y += 0.08 * (it.y - at[i].y); });
      }
      for (let i = 0; i < at.length; i++) {
        for (let j = 0; j < i; j++) part(items[i], at[i], items[j], at[j]);
      }
    }
    return items.map((it, i) => {
      const dx = at[i].x - it.x, dy = at[i].y - it.y, far = Math.hypot(dx, dy), keep = far > FAR ? FAR / far : 1;
      return it.fixed || far < 1 ? L.point(0, 0) : L.point(dx * keep, dy * keep);
    });
  }

  function part(a, p, b, q) {
    const need = Math.max(GAP, 0.8 * (a.r + b.r)), dx = p.x - q.x, dy = p.y - q.y;
    if (Math.abs(dx) >= need || Math.abs(dy) >= need) return;
    const d = Math.hypot(dx, dy);
    if (d >= need) return;
    const push = (need - d) / (d || 1), share = a.fixed ? 0 : b.fixed ? 1 : 0.5;
    p.x += share * push * dx;
    p.y += share * push * dy;
    q.x -= (b.fixed ? 0 : 1 - share) * push * dx;
    q.y -= (b.fixed ? 0 : 1 - share) * push * dy;
  }

  window.WorkbenchApart = { apart };
})();
