// The planner's hand on the map: take up a line, try sites, confirm; by click, drag and keyboard alike.
(function () {
  "use strict";
  const { pose } = window.WorkbenchPose, { Cards } = window.WorkbenchCards, { bend } = window.WorkbenchShapes;
  const { UI } = window.WorkbenchPanel;
  const NEAR = 4;       // symbols whose distances from the pointer differ by less than this cannot be told apart
  const STILL = 5;      // a pointer that went less far has clicked, not dragged
  const DWELL_MS = 90;  // how long the pointer rests on a site before its answer is asked for
  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  class Hand {
    constructor(view, send) {
      Object.assign(this, { view, map: view.map, send, cards: new Cards(view), pins: new Set() });
      this.turn = 0; // counts what was taken up or put down; see MapView
      Object.assign(this, { held: null, tried: null, firm: false, focus: null, down: null, byKey: false });
      view.hand = this;
      this.map.keyboard.disable();
      const root = this.map.getContainer();
      root.tabIndex = 0;
      root.setAttribute("role", "application");
      root.addEventListener("click", (event) => this.clicked(event), true);
      for (const kind of ["pointerdown", "mousedown", "touchstart"]) root.addEventListener(kind, (event) => this.pressed(event), true);
      root.addEventListener("pointermove", (event) => this.moved(event), true);
      root.addEventListener("pointerleave", () => this.hover(null));
      root.addEventListener("keydown", (event) => this.key(event));
      for (const kind of ["focusin", "focusout"]) root.addEventListener(kind, () => this.focus && this.arrange());
      window.addEventListener("pointerup", (event) => this.released(event), true);
      this.map.on("movestart zoomstart", () => this.cards.drop("fan"));
      this.map.on("move zoomend resize", () => this.recard());
      this.translate();
      this.arrange();
    }

    tell(what, id) { this.send({ do: what, id, turn: this.turn }); }

    // Where the keyboard stands is remembered while a card has the focus, and ringed while the map or a card has it.
    arrange() {
      const { held, tried, pins, focus } = this, here = this.map.getContainer().contains(document.activeElement);
      pose(this.view, { held, tried, pins, focus: here ? focus : null });
      this.dash();
    }

    translate() {
      this.cards.tell(""); // what was read aloud was said in the other language
      this.map.getContainer().setAttribute("aria-label", this.cards.say("map"));
      this.cards.drop("fan");
      if (this.held) this.showHeld(); else this.cards.showFacts(null);
    }

    // ---- what can be hit ----------------------------------------------------------------------------
    targets() {
      const shown = (key) => this.view.features(key).filter((f) => f.shape._map && !f.shape.options.state.hidden);
      if (!this.held) return { first: shown("lines"), then: shown("sites") };
      return { first: [...shown("sites"), this.held.line], then: shown("lines").filter((f) => f !== this.held.line) };
    }

    // The symbols under a pixel of the map, nearest first; several only where they cannot be told apart.
    at(point) {
      const spot = this.map.containerPointToLayerPoint(point), { first, then } = this.targets();
      for (const group of [first, then]) {
        const near = group.map((f) => ({ f, d: spot.distanceTo(f.shape.place()), r: f.shape._radius }))
          .filter(({ d, r }) => d <= r + 5).sort((a, b) => a.d - b.d);
        if (near.length) return near.filter(({ d }) => d - near[0].d < NEAR).map(({ f }) => f);
      }
      return [];
    }

    // What a planner with a line in the hand wants to reach: it, and the sites that may take it.
    goals() {
      return this.held ? [this.held.line, ...this.view.features("sites").filter((f) => this.held.sites.has(f.id))] : [];
    }

    place(f) { return this.map.layerPointToContainerPoint(f.shape.place()); }

    // ---- mouse and finger -----------------------------------------------------------------------------
    own(event) { return !event.target.closest(".wb-box, .wb-fan, .leaflet-control"); }

    pressed(event) {
      if (!this.own(event)) return;
      const point = this.map.mouseEventToContainerPoint(event.touches ? event.touches[0] : event), hits = this.at(point);
      const there = this.held && hits.some((f) => f.layer.key === "sites" && this.held.line.decision === 2 && f.index === this.held.line.target);
      const line = there ? this.held.line : hits.find((f) => f.layer.key === "lines"); // what stands there is dragged on, or back
      if (event.type === "pointerdown") this.down = { point, line: there || hits.length === 1 ? line : null, far: false };
      if (line) event.stopPropagation(); // the map itself stays where it is while a line is dragged
    }

    moved(event) {
      const point = this.map.mouseEventToContainerPoint(event), down = this.down;
      if (down && event.buttons) {
        down.far = down.far || down.point.distanceTo(point) > STILL;
        if (down.far && down.line) this.drag(down.line, point);
        return;
      }
      this.hover(this.own(event) ? this.at(point)[0] || null : null, point);
    }

    drag(line, point) {
      if (!this.held || this.held.line !== line) this.take(line);
      this.cards.hint(null);
      if (!this.thread) {
        this.thread = L.polyline([], { renderer: this.view.upper, interactive: false, color: "#111", weight: 2, dashArray: "4 5" }).addTo(this.map);
      }
      this.thread.setLatLngs([this.map.layerPointToLatLng(line.shape.place()), this.map.containerPointToLatLng(point)]);
      this.map.getContainer().style.cursor = "grabbing";
      const over = this.held && this.at(point)[0];
      if (over && over.layer.key === "sites") this.passing(over, point); else this.passing(null);
    }

    released(event) {
      const down = this.down;
      this.down = null;
      if (!down || !down.far) return;
      this.quiet = down.line ? performance.now() : 0; // the click that follows a drag means nothing
      if (this.thread) this.thread.remove();
      this.thread = null;
      this.map.getContainer().style.cursor = "";
      if (!down.line || !this.held) return;
      const point = this.map.mouseEventToContainerPoint(event), all = this.at(point);
      const hits = all.filter((f) => f.layer.key === "sites");
      if (all.includes(down.line) && down.line.decision) { this.decide("keep"); return; } // dropped on its own works
      if (hits.length > 1) this.fan(hits, point); else if (hits.length) this.try(hits[0]);
    }

    clicked(event) {
      if (!this.own(event)) return;
      const point = this.map.mouseEventToContainerPoint(event);
      this.cards.drop("fan");
      if (this.quiet && performance.now() - this.quiet < 300) { this.quiet = 0; event.stopPropagation(); return; }
      const hits = this.at(point);
      if (!hits.length) return; // land, a reserve, a power station: the map's own affair
      event.stopPropagation();
      this.map.getContainer().focus({ preventScroll: true });
      Object.assign(this, { byKey: false, focus: null }); // arrows start from the line held
      if (hits.length > 1) this.fan(hits, point); else this.act(hits[0]);
    }

    fan(hits, point) {
      const box = this.cards.showFan(hits, point, (f) => { this.act(f); this.map.getContainer().focus({ preventScroll: true }); });
      if (this.byKey) box.querySelector("button").focus();
    }

    // What a click, a drop or Enter on a symbol means.
    act(f) {
      if (f.layer.key === "sites") {
        if (this.held) this.try(f); else this.tell("site", f.id);
      } else if (this.held && this.held.line === f) this.put();
      else this.take(f);
    }

    hover(f, point) {
      this.map.getContainer().classList.toggle("wb-over", Boolean(f));
      const card = f && this.held && f.layer.key === "sites" && !this.firm;
      this.cards.hint(card ? null : f, point);
      this.passing(card ? f : null);
    }

    // Ask for the answer of a site that the pointer rests on; forget it when the pointer goes.
    passing(f) {
      if (this.firm || f === this.over) return;
      clearTimeout(this.dwell);
      this.over = f;
      if (!f && this.tried) this.untry();
      if (f) this.dwell = setTimeout(() => this.ask(f, false), DWELL_MS);
    }

    // ---- keyboard -------------------------------------------------------------------------------------
    key(event) {
      const step = STEPS[event.key], inside = event.target !== this.map.getContainer();
      if (event.key === "Escape") { this.escape(); event.preventDefault(); return; }
      if (inside || event.ctrlKey || event.metaKey || event.altKey) return;
      const does = step ? () => (event.shiftKey ? this.map.panBy([120 * step[0], 120 * step[1]]) : this.step(step)) : {
        Enter: () => this.enter(), " ": () => this.enter(), Delete: () => this.held && this.decide("close"),
        Home: () => this.view.fit(), "+": () => this.map.zoomIn(), "-": () => this.map.zoomOut(),
        k: () => this.held && this.decide("keep"), K: () => this.held && this.decide("keep"),
      }[event.key];
      if (!does) return;
      this.byKey = true;
      does();
      event.preventDefault();
    }

    // Go to the nearest symbol in a direction: straight ahead counts more than aside.
    step([x, y]) {
      const { first } = this.targets(), from = this.focus || (this.held && this.held.line);
      const spot = from ? from.shape.place() : this.map.containerPointToLayerPoint(this.map.getSize().divideBy(2));
      let best = null, least = Infinity;
      for (const f of first) {
        const p = f.shape.place(), ahead = (p.x - spot.x) * x + (p.y - spot.y) * y, aside = Math.abs((p.x - spot.x) * y + (p.y - spot.y) * x);
        const cost = ahead + 2.2 * aside;
        if (f !== from && ahead > 0.5 && aside < 2.5 * ahead + 4 && cost < least) { best = f; least = cost; }
      }
      if (best) this.stand(best);
    }

    stand(f) {
      this.focus = f;
      if (!this.map.getBounds().contains(f.at)) this.map.panTo(f.at, { animate: false });
      this.arrange();
      this.cards.hint(f, this.place(f));
      const state = this.held && f.layer.key === "sites" ? this.cards.say(this.held.sites.get(f.id) || "forbidden") : "";
      this.cards.tell(`${this.view.name(f)} ${f.layer.key === "lines" ? this.decided(f) : state}`);
    }

    enter() {
      if (this.focus) this.act(this.focus);
    }

    escape() {
      if (this.cards.fan) this.cards.drop("fan");
      else if (this.cards.card) this.untry(true);
      else if (this.held) this.put();
      else this.cards.showFacts(null);
      this.map.getContainer().focus({ preventScroll: true });
    }

    // ---- the line held --------------------------------------------------------------------------------
    take(f) {
      this.hold({ id: f.id, sites: null }); // at once; the workbench says in a moment which sites may take it
      this.turn += 1;
      this.tell("take", f.id);
    }

    put() {
      this.hold({ id: "" });
      this.turn += 1;
      this.tell("put", "");
    }

    decide(what) {
      if (!this.held) return;
      this.untry(true);
      this.tell(what, this.held.line.id);
    }

    // Hold a line; `sites`: which may take it (site id to free or restricted), null while that is not known.
    hold({ id, sites }) {
      const line = this.view.features("lines").find((f) => f.id === id);
      if (!line || !this.held || this.held.line !== line) this.untry(true);
      this.held = line ? { line, known: Boolean(sites), sites: new Map(Object.entries(sites || {})) } : null;
      this.map.doubleClickZoom[line ? "disable" : "enable"]();
      if (this.focus && !this.held) this.focus = line || this.focus;
      this.arrange();
      this.showHeld();
    }

    decided(f) {
      const target = f.decision === 2 ? this.view.features("sites").find((s) => s.index === f.target) : null;
      const by = f.decision || this.pins.has(f.id) ? ` · ${this.cards.say(this.pins.has(f.id) ? "mine" : "theirs")}` : "";
      return `${this.view.say(UI.decisions[f.decision || 0])}${target ? ` → ${this.view.name(target)}` : ""}${by}`;
    }

    showHeld() {
      if (!this.held) { this.cards.drop("held"); return; }
      const { line, sites } = this.held, all = this.view.features("sites").length;
      const restricted = [...sites.values()].filter((state) => state === "restricted").length;
      const counts = { free: sites.size - restricted, restricted, forbidden: all - sites.size };
      this.cards.showHeld(line, this.decided(line), this.held.known && counts,
        { down: () => this.put(), keep: () => this.decide("keep"), close: () => this.decide("close") });
    }

    // ---- a site tried ---------------------------------------------------------------------------------
    try(f) {
      if (this.firm && this.tried === f && this.answer && this.answer.may) { this.confirm(); return; }
      clearTimeout(this.dwell);
      this.ask(f, true);
    }

    ask(f, firm) {
      const known = this.answer && this.answer.site === f.id ? this.answer : null;
      Object.assign(this, { tried: f, firm, over: f });
      this.arrange();
      this.cards.hint(null);
      this.showAnswer(known);
      this.tell("try", f.id);
    }

    showAnswer(answer) {
      this.answer = answer && this.tried && answer.site === this.tried.id ? answer : null;
      if (!this.tried) return;
      this.cards.showCard(this.answer || { title: this.view.name(this.tried) }, this.place(this.tried), this.firm, {
        confirm: () => this.confirm(), shut: () => this.untry(true), byKey: this.byKey,
        why: () => this.tell("why", this.tried.id),
        instead: (id) => { const f = this.view.features("sites").find((s) => s.id === id); if (f) this.try(f); },
      });
      if (this.answer && this.firm) this.cards.tell(this.cards.card.innerText);
    }

    recard() {
      if (this.tried && this.cards.card) this.cards.beside(this.cards.card, this.place(this.tried));
    }

    confirm() {
      if (!this.tried || !this.held) return;
      const id = this.tried.id;
      this.untry(true);
      this.map.getContainer().focus({ preventScroll: true });
      this.tell("move", id);
    }

    untry(always) {
      if (!this.tried && !always) return;
      clearTimeout(this.dwell);
      Object.assign(this, { tried: null, firm: false, over: null, answer: null });
      this.cards.drop("card");
      this.arrange();
    }

    // A dashed path shows where the line would go, while a site is tried.
    dash() {
      if (this.path) this.path.remove();
      this.path = null;
      if (!this.held || !this.tried) return;
      const from = this.held.line.at, to = this.tried.at, east = to[1] > from[1] ? 1 : -1;
      this.path = L.polyline(bend(from, to, 0.16 * east), { renderer: this.view.upper, interactive: false,
        color: this.held.sites.has(this.tried.id) ? "#0c5a35" : "#87827a", weight: 3, dashArray: "7 6" }).addTo(this.map);
      this.path.bringToBack();
    }
  }

  window.WorkbenchHand = { Hand };
})();
