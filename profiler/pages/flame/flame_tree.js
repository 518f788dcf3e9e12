// A flame graph's frames as a tree, with one focus for the keyboard, a screen reader and the mouse.
const SPOKEN_CHILDREN = 12; // of a frame, as tree items; the arrows reach the rest

// `view` draws the graph (flame.js, difference.js); `lines(node)` are the tooltip's, `said(node)` the screen reader's;
// `zoom(node)` fills the graph with a node, or with all of it (-1).
function frameTree(id, view, { lines, said, zoom, isUpwards = () => false }) {
  const [tree, spoken, ring, canvas] = ["tree", "spoken", "ring", "canvas"].map((part) => element(`${id}-${part}`));
  let focused = -1;

  const childrenOf = (node) => childrenIn(view.tree(), node, view.isShown);

  function focus(node) {
    focused = node;
    speakTree(tree, spoken, id, view.tree(), focused, childrenOf, said);
    place();
  }

  // Move the ring to the focused frame, and into sight; after each drawing.
  function place() {
    const box = focused >= 0 && document.activeElement === tree ? view.boxOf(focused) : null;
    ring.hidden = !box;
    if (!box) return;
    ring.style.left = `${box.x}px`;
    ring.style.top = `${box.y}px`;
    ring.style.width = `${Math.max(3, box.w - 1)}px`;
    if (box.y < tree.scrollTop) tree.scrollTop = box.y;
    else if (box.y + ROW > tree.scrollTop + tree.clientHeight) tree.scrollTop = box.y + ROW - tree.clientHeight;
  }

  const above = (node) => (node < 0 ? -1 : view.tree().parent[node]);

  tree.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key.startsWith("Arrow")) focus(stepInTree(event.key, view.tree(), focused, childrenOf, isUpwards()));
    else if (event.key === "Enter") zoom(focused);
    else if (event.key === "Home") focus(-1);
    else if (event.key === "Escape") zoom(above(view.zoomed()));
    else return;
    event.preventDefault();
  });
  tree.addEventListener("focus", place);
  tree.addEventListener("blur", place);

  const under = (event) => view.at(event.offsetX, event.offsetY);
  canvas.addEventListener("click", (event) => zoom(under(event)));
  canvas.addEventListener("mousemove", (event) => {
    const node = under(event);
    canvas.classList.toggle("pointing", node >= 0);
    if (node < 0) hideTip();
    else showTip(lines(node), event.clientX, event.clientY);
  });
  canvas.addEventListener("mouseleave", hideTip);
  element(`${id}-reset`).addEventListener("click", () => zoom(-1));

  return { focus, place };
}

// Parts of a frame in words, the largest first; those up to `least` are left out.
function partsInWords(names, shareOf, least = 0) {
  return names
    .map((name, i) => [shareOf(i), name])
    .filter(([share]) => share > least)
    .sort((a, b) => b[0] - a[0])
    .map(([share, name]) => `${name} ${asPercent(share)}`)
    .join(", ");
}

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
function stepInTree(key, nodes, focused, childrenOf, upwards) {
  if (key === "ArrowUp" || key === "ArrowDown") {
    const inwards = (key === "ArrowDown") !== upwards;
    if (inwards) return childrenOf(focused)[0] ?? focused;
    return focused < 0 ? -1 : nodes.parent[focused];
  }
  const siblings = focused < 0 ? [-1] : childrenOf(nodes.parent[focused]);
  return siblings[siblings.indexOf(focused) + (key === "ArrowRight" ? 1 : -1)] ?? focused;
}
