// What the flame graphs share: their frames as a tree for the keyboard, a screen reader and the mouse.
const SPOKEN_CHILDREN = 12; // of a frame, as tree items; the arrows reach the rest

function childrenIn(nodes, node, isShown) {
  const found = [];
  const end = node < 0 ? nodes.count : nodes.end[node];
  for (let i = node + 1; i < end; i = nodes.end[i]) if (isShown(i)) found.push(i);
  return found;
}

// Where the reader is, as tree items: the way down to the focused frame, and what it calls.
function speakTree(tree, spoken, prefix, nodes, focused, childrenOf, textOf) {
  const way = [-1];
  for (let i = focused; i >= 0; i = nodes.parent[i]) way.splice(1, 0, i);
  const known = new Map([[-2, [-1]]]);
  const below = (node) => known.get(node) ?? known.set(node, childrenOf(node)).get(node);
  const items = [...way, ...below(focused).slice(0, SPOKEN_CHILDREN)].map((node) => {
    const item = document.createElement("div");
    const children = below(node);
    const siblings = below(node < 0 ? -2 : nodes.parent[node]);
    item.id = `${prefix}-${node + 1}`;
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", node < 0 ? 1 : nodes.depth[node] + 2);
    item.setAttribute("aria-setsize", siblings.length);
    item.setAttribute("aria-posinset", siblings.indexOf(node) + 1);
    item.setAttribute("aria-selected", node === focused);
    if (children.length) item.setAttribute("aria-expanded", way.includes(node));
    item.textContent = textOf(node);
    return item;
  });
  spoken.replaceChildren(...items);
  tree.setAttribute("aria-activedescendant", `${prefix}-${focused + 1}`);
}

// Where an arrow key leads; `upwards`: roots are drawn below.
function stepInTree(key, nodes, focused, childrenOf, upwards = false) {
  if (key === "ArrowUp" || key === "ArrowDown") {
    const inwards = (key === "ArrowDown") !== upwards;
    if (inwards) return childrenOf(focused)[0] ?? focused;
    return focused < 0 ? -1 : nodes.parent[focused];
  }
  const siblings = focused < 0 ? [-1] : childrenOf(nodes.parent[focused]);
  return siblings[siblings.indexOf(focused) + (key === "ArrowRight" ? 1 : -1)] ?? focused;
}

function pointAtFrames(canvas, at, lines, zoom) {
  const under = (event) => at(event.offsetX, event.offsetY);
  canvas.addEventListener("click", (event) => zoom(under(event)));
  canvas.addEventListener("mousemove", (event) => {
    const node = under(event);
    canvas.classList.toggle("pointing", node >= 0);
    if (node < 0) hideTip();
    else showTip(lines(node), event.clientX, event.clientY);
  });
  canvas.addEventListener("mouseleave", hideTip);
}
