// Lets the widget that frames this page change the map and hear the planner's hand, by messages alone.
(function () {
  "use strict";
  const view = workbench_map;
  const send = (message) => window.parent.postMessage({ workbench: 1, ...message }, "*");
  const hand = new window.WorkbenchHand.Hand(view, (act) => send({ kind: "act", ...act }));
  const land = (at) => send({ kind: "act", do: "land", id: "", turn: hand.turn, at: [at.lng, at.lat] });
  view.options.onLand = land; // whatever lies there: nature's own areas have facts, and every place an answer
  view.map.on("click", (event) => { view.showCard(null); land(event.latlng); });
  view.options.onLegend = () => { view.options.onLegend = null; send({ kind: "act", do: "themes", id: "", turn: hand.turn }); };
  const dress = (rule) => { const style = document.createElement("style"); style.textContent = rule; document.head.append(style); };
  const fresh = (told) => told.turn >= hand.turn; // not the answer to a line that is no longer in the hand
  const actions = {
    font: dress,
    industry: (code) => view.setIndustry(code),
    pins: (ids) => { hand.pins = new Set(ids); view.drawArrows(); },
    moves: (data) => { view.applyMoves(new Float32Array(data)); hand.showHeld(); },
    held: (held) => fresh(held) && hand.hold(held),
    answer: (answer) => fresh(answer) && hand.showAnswer(answer),
    zone: (zone) => view.setZone(zone),
    language: (language) => { view.setLanguage(language); hand.translate(); },
    flows: (on) => view.toggle(view.flows, on),
    layers: (text) => view.addLayers(JSON.parse(text)),
    size: () => view.resized(),
  };
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !event.data || event.data.workbench !== 1) return;
    const { seq, batch } = event.data;
    for (const { kind, value } of batch || []) {
      if (Object.hasOwn(actions, kind)) actions[kind](value);
    }
    // Leaflet paints in the next frame; the one after it sees the pixels.
    if (seq) requestAnimationFrame(() => requestAnimationFrame(() => send({ kind: "painted", seq })));
  });
  send({ kind: "ready" });
})();
