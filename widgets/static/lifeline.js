// Keeps a page's work in the browser, and says in words when its kernel no longer answers.
function render({ model, el }) {
  const key = `workbench:${location.pathname}:${model.get("name")}`;
  const served = document.body.dataset.voila === "voila"; // elsewhere a reload runs nothing
  const stores = [window.sessionStorage, window.localStorage]; // this tab first, then the whole browser

  const read = () => {
    for (const store of stores) {
      try { const kept = store.getItem(key); if (kept) return kept; } catch { /* storage is forbidden: nothing is kept */ }
    }
    return "";
  };
  const write = () => {
    const work = model.get("work");
    if (work) for (const store of stores) try { store.setItem(key, work); } catch { /* as above */ }
  };

  let lost = null;
  const show = () => {
    if (lost) return;
    const words = model.get("words");
    lost = document.createElement("div");
    lost.className = "wb-lost";
    lost.setAttribute("role", "alert");
    for (const language of ["zh", "en"]) {
      const line = document.createElement("p");
      line.lang = language;
      line.textContent = words[served ? "page" : "notebook"][language];
      lost.append(line);
    }
    if (served) {
      const again = document.createElement("button");
      again.textContent = words.again;
      again.onclick = () => location.reload();
      lost.append(again);
    }
    document.body.append(lost);
  };
  const hide = () => { lost?.remove(); lost = null; };

  let asked = 0; // when the question without an answer was asked; 0 when none waits
  const ask = () => {
    const patience = model.get("patience_s") * 1000;
    if (asked && Date.now() - asked > patience) show();
    if (!asked) asked = Date.now();
    try { model.send({ kind: "ping" }); } catch { show(); }
  };
  const hear = (message) => { if (message.kind === "pong") { asked = 0; hide(); } };

  model.on("msg:custom", hear);
  model.on("change:work", write);
  model.send({ kind: "kept", work: read() });
  const asking = setInterval(ask, Math.min(3000, model.get("patience_s") * 300));
  return () => {
    clearInterval(asking);
    hide();
    model.off("msg:custom", hear);
    model.off("change:work", write);
  };
}
export default { render };
