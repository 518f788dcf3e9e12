// A flame graph's frames as a tree, with one focus for the keyboard, a screen reader and the mouse.
import { element } from "../base/elements.js";
import { hideTip, showTip } from "../base/tooltip.js";
import { childrenIn, stepInTree } from "./call_tree.js";
import { ROW } from "./flame_boxes.js";

/** @import { Tree } from "./call_tree.js" */

/**
 * A graph as it is drawn (flame.js, difference.js).
 * @typedef {object} View
 * @property {() => Tree} tree
 * @property {(node: number) => boolean} isShown
 * @property {() => number} zoomed the node that fills the graph, or -1
 * @property {(x: number, y: number) => number} at the node at a place, or -1
 * @property {(node: number) => { x: number, y: number, w: number } | null} boxOf
 */
/**
 * @typedef {object} Frames
 * @property {(node: number) => string[]} lines of the tooltip
 * @property {(node: number) => string} said by a screen reader
 * @property {(node: number) => void} zoom fill the graph with a node, or with all of it (-1)
 * @property {() => boolean} [isUpwards] roots are drawn below
 */

const SPOKEN_CHILDREN = 12; // of a frame, as tree items; the arrows reach the rest

/**
 * @param {string} id
 * @param {View} view
 * @param {Frames} frames
 */
export function frameTree(id, view, { lines, said, zoom, isUpwards = () => false }) {
  const [tree, spoken, ring] = ["tree", "spoken", "ring"].map((part) => element(`${id}-${part}`));
  const canvas = element(`${id}-canvas`, HTMLCanvasElement);
  let focused = -1;

  /** @param {number} node */
  const childrenOf = (node) => childrenIn(view.tree(), node, view.isShown);

  /** @param {number} node */
  function focus(node) {
    focused = node;
    spoken.replaceChildren(...spokenItems(id, view.tree(), focused, childrenOf, said));
    tree.setAttribute("aria-activedescendant", itemId(id, focused));
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

  /** @param {number} node */
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

  /** @param {MouseEvent} event */
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

/**
 * @param {string} id
 * @param {number} node
 */
const itemId = (id, node) => `${id}-${node + 1}`;

/**
 * Where the reader is, as tree items: the way down to the focused frame, and what it calls.
 * @param {string} id
 * @param {Tree} tree
 * @param {number} focused
 * @param {(node: number) => number[]} childrenOf
 * @param {(node: number) => string} textOf
 */
function spokenItems(id, tree, focused, childrenOf, textOf) {
  const way = [-1];
  for (let i = focused; i >= 0; i = tree.parent[i]) way.splice(1, 0, i);
  const below = new Map(way.map((node) => [node, childrenOf(node)]));
  return [...way, ...childrenOf(focused).slice(0, SPOKEN_CHILDREN)].map((node) => {
    const item = document.createElement("div");
    const siblings = node < 0 ? [-1] : (below.get(tree.parent[node]) ?? []);
    item.id = itemId(id, node);
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", String(node < 0 ? 1 : tree.depth[node] + 2));
    item.setAttribute("aria-setsize", String(siblings.length));
    item.setAttribute("aria-posinset", String(siblings.indexOf(node) + 1));
    item.setAttribute("aria-selected", String(node === focused));
    if ((below.get(node) ?? childrenOf(node)).length) item.setAttribute("aria-expanded", String(below.has(node)));
    item.textContent = textOf(node);
    return item;
  });
}
