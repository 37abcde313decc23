// Lets the widget that frames this page change the map and hear its clicks, by messages alone.
(function () {
  "use strict";
  const view = workbench_map;
  const send = (message) => window.parent.postMessage({ workbench: 1, ...message }, "*");
  const click = (layer, id, at) => send({ kind: "click", layer, id, at: [at.lng, at.lat] });
  view.options.onClick = click;
  view.map.on("click", (event) => { view.showCard(null); click("", "", event.latlng); });
  const actions = {
    moves: (m) => view.applyMoves(new Float32Array(m.data)),
    select: (m) => view.select(m.id, m.receivers),
    zone: (m) => view.setZone(m.zone),
    language: (m) => view.setLanguage(m.language),
    flows: (m) => view.toggle(view.flows, m.on),
    size: () => view.map.invalidateSize({ pan: false }),
    subtitle: (m) => view.setSubtitle(m.text),
  };
  window.addEventListener("message", (event) => {
    if (event.source !== window.parent || !event.data || event.data.workbench !== 1) return;
    const { seq, batch } = event.data;
    for (const message of batch || []) {
      if (Object.hasOwn(actions, message.kind)) actions[message.kind](message);
    }
    // Leaflet paints in the next frame; the one after it sees the pixels.
    if (seq) requestAnimationFrame(() => requestAnimationFrame(() => send({ kind: "painted", seq })));
  });
  send({ kind: "ready" });
})();
