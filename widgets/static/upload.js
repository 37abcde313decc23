// A button that asks for a file and hands its content to the kernel, which judges it.
const MOST = 1000001; // bytes: one more than the kernel takes, so that a larger file is refused there

function render({ model, el }) {
  const box = document.createElement("div"), press = document.createElement("button"), input = document.createElement("input");
  box.className = "wb-files";
  Object.assign(input, { type: "file", accept: model.get("accept"), hidden: true });
  press.onclick = () => input.click();
  input.onchange = async () => {
    const [file] = input.files;
    if (!file) return;
    const content = await file.slice(0, MOST).arrayBuffer();
    input.value = ""; // the same file may be chosen again
    model.send({ kind: "file" }, undefined, [content]);
  };
  const write = () => { press.textContent = model.get("label"); };
  model.on("change:label", write);
  write();
  box.append(press, input);
  el.append(box);
  return () => model.off("change:label", write);
}
export default { render };
