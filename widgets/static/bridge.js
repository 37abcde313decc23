// Shows the map page in a sandboxed frame, hands it changes, and hands the planner's acts back.
const ORDER = ["font", "language", "industry", "zone", "flows", "pins", "moves", "held", "answer"]; // each may need those before it

function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts");
  frame.className = "wb-frame";
  frame.title = model.get("label");
  el.append(frame);
  let ready = false, shown = {};

  const post = (batch, seq) => ready && frame.contentWindow.postMessage({ workbench: 1, seq, batch }, "*");
  const copied = (bytes) => new Uint8Array(new Uint8Array(bytes.buffer || bytes, bytes.byteOffset || 0, bytes.byteLength)).buffer;
  const changes = () => {
    const view = model.get("view"), bytes = model.get("moves"), batch = [];
    for (const kind of ORDER) {
      const moves = kind === "moves", seen = moves ? bytes : JSON.stringify(view[kind]);
      if (seen === undefined || shown[kind] === seen || (moves && !bytes.byteLength)) continue;
      shown[kind] = seen;
      batch.push({ kind, value: moves ? copied(bytes) : view[kind] });
    }
    return batch;
  };
  const update = () => post(changes(), model.get("seq"));
  const add = () => { if (model.get("layers")) post([{ kind: "layers", value: model.get("layers") }], 0); };

  // A page being left, or whose kernel has gone, has nobody to tell; lifeline.js says so in words.
  const tell = (what) => { try { model.send(what); } catch { /* as above */ } };
  const hear = (event) => {
    const m = event.data;
    if (event.source !== frame.contentWindow || !m || m.workbench !== 1) return;
    if (m.kind === "ready") { ready = true; shown = {}; add(); update(); }
    if (m.kind === "painted") {
      el.dispatchEvent(new CustomEvent("workbench-painted", { detail: m.seq, bubbles: true }));
      tell({ do: "painted", seq: m.seq }); // what the picture would have had to share the processor with begins now
    }
    if (m.kind === "act" && typeof m.do === "string" && typeof m.id === "string" && m.id.length < 200) {
      const at = Array.isArray(m.at) && m.at.length === 2 && m.at.every(Number.isFinite) ? m.at : null;
      // a message of its own: a trait set twice while the kernel is busy would lose the first act
      tell({ do: m.do.slice(0, 20), id: m.id, at, turn: m.turn });
    }
  };
  window.addEventListener("message", hear);
  model.on("change:seq", update);
  model.on("change:layers", add);
  model.on("change:html", () => { ready = false; frame.srcdoc = model.get("html"); });
  model.on("change:label", () => { frame.title = model.get("label"); });

  // A frame loaded at size 0 would draw a grey map: wait until it has a size, and tell it of later ones.
  const watch = new ResizeObserver(([entry]) => {
    if (entry.contentRect.width < 1 || entry.contentRect.height < 1) return;
    if (!frame.srcdoc) frame.srcdoc = model.get("html"); else post([{ kind: "size", value: null }], 0);
  });
  watch.observe(frame);

  // ipywidgets sliders carry no accessible name, and what scrolls no place for the keyboard: mend both.
  const mend = () => {
    document.querySelectorAll(".widget-slider").forEach((slider) => {
      const label = slider.querySelector(".widget-label"), handle = slider.querySelector("[role=slider]");
      if (label && handle && handle.getAttribute("aria-label") !== label.textContent) handle.setAttribute("aria-label", label.textContent);
    });
    document.querySelectorAll(".wb-side .widget-tab-contents, .wb-scroll").forEach((box) => { if (box.tabIndex !== 0) box.tabIndex = 0; });
  };
  const mending = setInterval(mend, 1000);
  mend();

  return () => {
    clearInterval(mending);
    watch.disconnect();
    window.removeEventListener("message", hear);
    model.off("change:seq", update);
    model.off("change:layers", add);
  };
}
export default { render };
