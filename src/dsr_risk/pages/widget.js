// A notebook cell: the state is kept in the model of the widget.
function render({ model, el }) {
  const root = el.attachShadow({ mode: "open" });
  const style = document.createElement("style"), box = document.createElement("div");
  style.textContent = model.get("sheet");
  box.className = "report";
  box.innerHTML = model.get("body");
  root.append(style, box);
  const drawn = view(root, JSON.parse(model.get("data")), {
    read: () => model.get("state"),
    keep: (link, text) => { model.set("state", link); model.set("moved", text); model.save_changes(); },
  });
  const follow = () => { if (model.get("state") !== drawn.model.link(drawn.state)) drawn.start(); };
  model.on("change:state", follow);
  return () => model.off("change:state", follow);
}
export default { render };
