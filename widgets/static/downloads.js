// One button per file; a press asks the kernel for it and hands the parts to the browser as a download.
function render({ model, el }) {
  const list = document.createElement("div");
  list.className = "wb-files";
  el.append(list);

  const size = (bytes) => bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  const draw = () => list.replaceChildren(...model.get("offered").map(({ name, label, bytes }) => {
    const press = document.createElement("button");
    const note = document.createElement("small");
    note.textContent = ` ${size(bytes)}`;
    press.append(label, note);
    press.onclick = () => model.send({ want: name });
    return press;
  }));

  const parts = new Map();
  const hear = (message, buffers) => {
    const { name, part, parts: count } = message;
    if (part === 0) parts.set(name, []);
    const held = parts.get(name);
    if (!held) return;
    held[part] = buffers[0];
    if (held.filter(Boolean).length < count) return;
    parts.delete(name);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(held, { type: "application/octet-stream" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  };
  model.on("msg:custom", hear);
  model.on("change:offered", draw);
  draw();
  return () => { model.off("msg:custom", hear); model.off("change:offered", draw); };
}
export default { render };
