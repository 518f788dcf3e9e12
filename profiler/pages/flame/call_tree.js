// Call trees: nodes in preorder, in columns.

/**
 * @typedef {object} Tree
 * @property {number} count
 * @property {Int32Array} depth 0 for a root
 * @property {Int32Array} functions of each node
 * @property {Int32Array} parent -1 for a root
 * @property {Int32Array} end one past a node's last descendant
 */

/**
 * A tree from its nodes' depths and functions, in preorder.
 * @param {ArrayLike<number>} depth
 * @param {ArrayLike<number>} functions
 * @returns {Tree}
 */
export function makeTree(depth, functions) {
  const count = depth.length;
  const parent = new Int32Array(count);
  const end = new Int32Array(count);
  /** @type {number[]} */
  const path = [];
  for (let i = 0; i < count; i++) {
    while (path.length > depth[i]) end[/** @type {number} */ (path.pop())] = i;
    parent[i] = depth[i] ? path[depth[i] - 1] : -1;
    path.push(i);
  }
  for (const open of path) end[open] = count;
  return { count, depth: Int32Array.from(depth), functions: Int32Array.from(functions), parent, end };
}

/**
 * The node at a path of functions from a root, or -1.
 * @param {Tree} tree
 * @param {number[]} path
 */
export function nodeAt(tree, path) {
  let node = -1;
  let [i, end] = [0, tree.count];
  for (const wanted of path) {
    while (i < end && tree.functions[i] !== wanted) i = tree.end[i];
    if (i >= end) return -1;
    node = i;
    end = tree.end[node];
    i = node + 1;
  }
  return node;
}

/**
 * The functions from a root to a node.
 * @param {Tree} tree
 * @param {number} node -1 for no node
 */
export function pathOf(tree, node) {
  const path = [];
  for (let i = node; i >= 0; i = tree.parent[i]) path.unshift(tree.functions[i]);
  return path;
}

/**
 * What a node calls and is shown.
 * @param {Tree} tree
 * @param {number} node -1 for all of it, whose children are the roots
 * @param {(node: number) => boolean} isShown
 */
export function childrenIn(tree, node, isShown) {
  const found = [];
  const end = node < 0 ? tree.count : tree.end[node];
  for (let i = node + 1; i < end; i = tree.end[i]) if (isShown(i)) found.push(i);
  return found;
}

/**
 * Where an arrow key leads.
 * @param {string} key
 * @param {Tree} tree
 * @param {number} focused
 * @param {(node: number) => number[]} childrenOf
 * @param {boolean} upwards roots are drawn below
 */
export function stepInTree(key, tree, focused, childrenOf, upwards) {
  if (key === "ArrowUp" || key === "ArrowDown") {
    const inwards = (key === "ArrowDown") !== upwards;
    if (inwards) return childrenOf(focused)[0] ?? focused;
    return focused < 0 ? -1 : tree.parent[focused];
  }
  const siblings = focused < 0 ? [-1] : childrenOf(tree.parent[focused]);
  return siblings[siblings.indexOf(focused) + (key === "ArrowRight" ? 1 : -1)] ?? focused;
}
