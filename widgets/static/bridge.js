// Shows the map page in a sandboxed frame, hands it changes, and hands its clicks back.
function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.className = "wb-frame";
  frame.title = model.get("label");
  el.append(frame);
  let ready = false, clicks = 0;

  const post = (batch, seq) => ready && frame.contentWindow.postMessage({ workbench: 1, seq, batch }, "*");
  let shown = {};
  const changes = () => {
    const view = model.get("view"), batch = [];
    const moved = (key, make) => {
      const value = JSON.stringify(view[key]);
      if (shown[key] !== value) { shown[key] = value; batch.push(make(view[key])); }
    };
    moved("language", (language) => ({ kind: "language", language }));
    moved("zone", (zone) => ({ kind: "zone", zone }));
    moved("flows", (on) => ({ kind: "flows", on: Boolean(on) }));
    if (view.subtitle) moved("subtitle", (text) => ({ kind: "subtitle", text }));
    const bytes = model.get("moves");
    if (bytes && bytes.byteLength && shown.moves !== bytes) {
      shown.moves = bytes;
      const copy = new Uint8Array(bytes.byteLength);
      copy.set(new Uint8Array(bytes.buffer || bytes, bytes.byteOffset || 0, bytes.byteLength));
      batch.push({ kind: "moves", data: copy.buffer });
    }
    moved("selected", (id) => ({ kind: "select", id, receivers: view.receivers || null }));
    return batch;
  };
  const update = () => post(changes(), model.get("seq"));

  const hear = (event) => {
    const m = event.data;
    if (event.source !== frame.contentWindow || !m || m.workbench !== 1) return;
    if (m.kind === "ready") { ready = true; shown = {}; update(); }
    if (m.kind === "painted") el.dispatchEvent(new CustomEvent("workbench-painted", { detail: m.seq, bubbles: true }));
    if (m.kind === "click" && typeof m.layer === "string" && typeof m.id === "string" && m.id.length < 200) {
      const at = Array.isArray(m.at) && m.at.length === 2 && m.at.every(Number.isFinite) ? m.at : null;
      model.set("clicked", { layer: m.layer.slice(0, 60), id: m.id, at, n: ++clicks });
      model.save_changes();
    }
  };
  window.addEventListener("message", hear);
  model.on("change:seq", update);
  model.on("change:html", () => { ready = false; frame.srcdoc = model.get("html"); });
  model.on("change:label", () => { frame.title = model.get("label"); });

  // A frame loaded at size 0 would draw a grey map: wait until it has a size, and tell it of later ones.
  const watch = new ResizeObserver(([entry]) => {
    if (entry.contentRect.width < 1 || entry.contentRect.height < 1) return;
    if (!frame.srcdoc) frame.srcdoc = model.get("html"); else post([{ kind: "size" }], 0);
  });
  watch.observe(frame);

  // ipywidgets sliders carry no accessible name: give each the text of its label.
  const name = () => document.querySelectorAll(".widget-slider").forEach((slider) => {
    const label = slider.querySelector(".widget-label"), handle = slider.querySelector("[role=slider]");
    if (label && handle && handle.getAttribute("aria-label") !== label.textContent) handle.setAttribute("aria-label", label.textContent);
  });
  const naming = setInterval(name, 1000);
  name();

  return () => {
    clearInterval(naming);
    watch.disconnect();
    window.removeEventListener("message", hear);
    model.off("change:seq", update);
  };
}
export default { render };
