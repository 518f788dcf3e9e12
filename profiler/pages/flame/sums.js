// What a filter lets through, summed up a call tree, and the tree the other way round.
import { makeTree } from "./call_tree.js";

/** @import { Tree } from "./call_tree.js" */
/** @import { Profile } from "./profiles.js" */

/**
 * Microseconds at nodes and below.
 * @typedef {object} Sums
 * @property {number} all
 * @property {ArrayLike<number>} own at each node
 * @property {ArrayLike<number>} total at and below it
 * @property {ArrayLike<number>} parts `total` by kind, then by evidence: `columns` numbers a node
 * @property {number} columns
 */
/** @typedef {Sums & { ownParts: Float64Array }} LeafSums with `own` by kind and evidence too */

/**
 * @param {Profile} profile
 * @param {(row: number) => boolean} filter
 * @returns {LeafSums}
 */
export function sumUp(profile, filter) {
  const { tree } = profile;
  const columns = profile.kinds.length + profile.evidences.length;
  const own = new Float64Array(tree.count);
  const ownParts = new Float64Array(tree.count * columns);
  for (let row = 0; row < profile.us.length; row++) {
    if (!filter(row)) continue;
    const [node, us] = [profile.node[row], profile.us[row]];
    own[node] += us;
    ownParts[node * columns + profile.kind[row]] += us;
    ownParts[node * columns + profile.kinds.length + profile.evidence[row]] += us;
  }
  const total = accumulate(tree, own, 1);
  return { all: sumOfRoots(tree, total), own, ownParts, total, parts: accumulate(tree, ownParts, columns), columns };
}

/**
 * Sums at and below each node, from those at it.
 * @param {Tree} tree
 * @param {Float64Array} own
 * @param {number} columns how many numbers a node has
 */
export function accumulate(tree, own, columns) {
  const total = own.slice();
  for (let i = tree.count - 1; i >= 0; i--) {
    const above = tree.parent[i];
    if (above >= 0) for (let c = 0; c < columns; c++) total[above * columns + c] += total[i * columns + c];
  }
  return total;
}

/**
 * The sum of all roots.
 * @param {Tree} tree
 * @param {ArrayLike<number>} total
 */
export function sumOfRoots(tree, total) {
  let all = 0;
  for (let i = 0; i < tree.count; i = tree.end[i]) all += total[i];
  return all;
}

/**
 * Calls of one function.
 * @typedef {object} Group
 * @property {number} key the function
 * @property {number[]} at the nodes that called them, -1 for none
 * @property {number[]} from the leaves that they lead to
 * @property {number} us at these leaves
 */

/**
 * Callers of each function, from the innermost outwards.
 * @param {Tree} tree
 * @param {LeafSums} sums
 * @param {number} least what is below this share of all is left out
 * @returns {{ tree: Tree, sums: Sums }}
 */
export function invert(tree, sums, least) {
  const { all, columns, ownParts } = sums;
  /** @type {Record<"depth" | "functions" | "own" | "total" | "parts", number[]>} */
  const made = { depth: [], functions: [], own: [], total: [], parts: [] };

  /**
   * Add the functions at nodes, each with its callers below it; return the time that they hold.
   * @param {number[]} at
   * @param {number[]} from the leaf that each of these was reached from
   * @param {number} depth
   */
  function add(at, from, depth) {
    let listed = 0;
    for (const group of grouped(tree, sums, at, from)) {
      if (group.us < all * least) break;
      const node = made.depth.length;
      made.depth.push(depth);
      made.functions.push(group.key);
      made.total.push(group.us);
      for (let c = 0; c < columns; c++)
        made.parts.push(group.from.reduce((sum, leaf) => sum + ownParts[leaf * columns + c], 0));
      made.own.push(0);
      made.own[node] = group.us - add(group.at, group.from, depth + 1);
      listed += group.us;
    }
    return listed;
  }

  const leaves = Array.from(sums.own, (_, node) => node).filter((node) => sums.own[node] > 0);
  add(leaves, leaves, 0);
  const { own, total, parts } = made;
  return { tree: makeTree(made.depth, made.functions), sums: { all, own, total, parts, columns } };
}

/**
 * Calls by function, the most time first.
 * @param {Tree} tree
 * @param {LeafSums} sums
 * @param {number[]} at nodes, -1 where a chain ended
 * @param {number[]} from
 */
function grouped(tree, sums, at, from) {
  /** @type {Map<number, Group>} */
  const groups = new Map();
  at.forEach((node, i) => {
    if (node < 0) return;
    const key = tree.functions[node];
    const group = groups.get(key) ?? { key, at: [], from: [], us: 0 };
    groups.set(key, group);
    group.at.push(tree.parent[node]);
    group.from.push(from[i]);
    group.us += sums.own[from[i]];
  });
  return [...groups.values()].sort((a, b) => b.us - a.us);
}

/**
 * Each node's largest kind: the first columns of `parts` are kinds.
 * @param {Tree} tree
 * @param {Pick<Sums, "parts" | "columns">} sums
 * @param {number} kinds how many
 */
export function dominantKinds(tree, { parts, columns }, kinds) {
  const found = new Uint8Array(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const base = i * columns;
    let best = 0;
    for (let k = 1; k < kinds; k++) if (parts[base + k] > parts[base + best]) best = k;
    found[i] = best;
  }
  return found;
}
