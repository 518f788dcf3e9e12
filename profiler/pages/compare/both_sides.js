// What the page carries of a differential flame graph (difference_flame.py): both sides' time in one tree.
import { readColumns, summed } from "../base/packed.js";
import { makeTree } from "../flame/call_tree.js";
import { readNames } from "../flame/profiles.js";
import { accumulate, sumOfRoots } from "../flame/sums.js";

/** @import { Tree } from "../flame/call_tree.js" */
/** @import { Names } from "../flame/profiles.js" */
/** @import { Window } from "../flame/flame.js" */

/** @typedef {"on" | "off"} GraphName of time on the CPU, or off it */
/**
 * @typedef {object} PackedGraph
 * @property {string[]} kinds
 * @property {string[]} patterns that these are drawn in
 * @property {string[]} strings
 * @property {Record<string, string>} columns
 */
/** @typedef {{ labels: string[], graphs: Partial<Record<GraphName, PackedGraph>> }} ComparisonData */
/**
 * Rows of time spent, before and after.
 * @typedef {object} BothRows
 * @property {string[]} kinds
 * @property {string[]} patterns
 * @property {Tree} tree
 * @property {Int32Array} node
 * @property {Uint8Array} kind
 * @property {Uint8Array} inRequest
 * @property {Float64Array[]} spent of both sides: nanoseconds a request
 */
/** @typedef {Names & BothRows} BothSides */
/**
 * Nanoseconds a request, each of both sides.
 * @typedef {object} BothSums
 * @property {Float64Array[]} total at and below each node
 * @property {Float64Array[]} parts likewise by kind
 * @property {number[]} all
 */

/**
 * @param {PackedGraph} graph
 * @returns {Promise<BothSides>}
 */
export async function readBothSides({ kinds, patterns, strings, columns: packed }) {
  const columns = await readColumns(packed);
  const tags = columns["spent.tag"];
  return {
    kinds,
    patterns,
    ...readNames(strings, columns["function.name"], columns["function.library"]),
    tree: makeTree(columns["tree.depth"], columns["tree.function"]),
    node: Int32Array.from(summed(columns["spent.node"])),
    kind: Uint8Array.from(tags, (tag) => tag >> 1),
    inRequest: Uint8Array.from(tags, (tag) => tag & 1),
    spent: [columns["spent.before"], columns["spent.after"]],
  };
}

/**
 * @param {BothSides} graph
 * @param {Window} window
 * @returns {BothSums}
 */
export function sumBothSides({ tree, kinds, node, kind, inRequest, spent }, window) {
  const sides = spent.map((ns) => {
    const own = new Float64Array(tree.count);
    const ownParts = new Float64Array(tree.count * kinds.length);
    for (let row = 0; row < node.length; row++) {
      if (window !== "" && (window === "request") !== (inRequest[row] === 1)) continue;
      own[node[row]] += ns[row];
      ownParts[node[row] * kinds.length + kind[row]] += ns[row];
    }
    return { total: accumulate(tree, own, 1), parts: accumulate(tree, ownParts, kinds.length) };
  });
  return {
    total: sides.map((side) => side.total),
    parts: sides.map((side) => side.parts),
    all: sides.map((side) => sumOfRoots(tree, side.total)),
  };
}
