// What the page carries of its flame graphs (graphs.py, flame.py), and how it is read.
import { summed } from "../base/packed.js";
import { makeTree } from "./call_tree.js";

/** @import { Columns } from "../base/packed.js" */
/** @import { Tree } from "./call_tree.js" */

/** @typedef {"on" | "off" | "operators"} Side on the CPU, off it, or by operator */
/**
 * @template T
 * @typedef {{ on: T, off?: T, operators?: T }} BySide
 */
/**
 * @typedef {object} About
 * @property {string[]} kinds
 * @property {string[]} patterns that these are drawn in
 * @property {string} time what it is called
 * @property {string[]} [lanes] what the rows are of where they are not of threads
 */
/**
 * @typedef {object} FlameData
 * @property {BySide<About>} flames
 * @property {string[]} evidences
 * @property {string[]} strings
 */
/**
 * Functions' names.
 * @typedef {object} Names
 * @property {string[]} name
 * @property {string[]} lowered
 * @property {string[]} library
 */
/**
 * Rows of time spent.
 * @typedef {object} Rows
 * @property {Int32Array} node
 * @property {Float64Array} us
 * @property {Uint8Array} inRequest
 * @property {Uint8Array} evidence
 * @property {Uint8Array} kind
 * @property {Int32Array} thread or lane
 */
/**
 * @typedef {object} Called
 * @property {Tree} tree
 * @property {Uint8Array} inlined whether each function was
 * @property {string[]} evidences
 */
/** @typedef {About & Names & Rows & Called} Profile */
/** @typedef {BySide<Profile>} Profiles */

/**
 * @param {FlameData} data
 * @param {Columns} columns
 * @returns {Profiles}
 */
export function readProfiles(data, columns) {
  const { on, off, operators } = data.flames;
  return {
    on: readProfile(data, columns, "on", on),
    off: off && readProfile(data, columns, "off", off),
    operators: operators && readProfile(data, columns, "operators", operators),
  };
}

/**
 * @param {FlameData} data
 * @param {Columns} columns
 * @param {Side} side
 * @param {About} about
 * @returns {Profile}
 */
function readProfile(data, columns, side, about) {
  /** @param {string} name */
  const column = (name) => columns[`${side}.${name}`];
  return {
    ...about,
    ...readNames(data.strings, column("function.name"), column("function.library")),
    ...readTags(column("spent.tag"), about.kinds.length, data.evidences.length),
    evidences: data.evidences,
    inlined: Uint8Array.from(column("function.inlined")),
    tree: makeTree(column("tree.depth"), column("tree.function")),
    node: Int32Array.from(summed(column("spent.node"))),
    us: column("spent.us"),
  };
}

/**
 * @param {string[]} strings
 * @param {Float64Array} names indices of strings
 * @param {Float64Array} libraries likewise
 * @returns {Names}
 */
export function readNames(strings, names, libraries) {
  const [name, library] = [names, libraries].map((indices) => Array.from(indices, (i) => strings[i]));
  return { name, library, lowered: name.map((one) => one.toLowerCase()) };
}

/**
 * Take tags apart: ((thread * kinds + kind) * evidences + evidence) * 2 + inRequest (row_weights.py).
 * @param {Float64Array} tags
 * @param {number} kinds
 * @param {number} evidences
 */
export function readTags(tags, kinds, evidences) {
  const [inRequest, evidence, kind] = [0, 1, 2].map(() => new Uint8Array(tags.length));
  const thread = new Int32Array(tags.length);
  tags.forEach((tag, row) => {
    const [pair, verdict] = [Math.floor(tag / 2), Math.floor(tag / 2 / evidences)];
    inRequest[row] = tag % 2;
    evidence[row] = pair % evidences;
    kind[row] = verdict % kinds;
    thread[row] = Math.floor(verdict / kinds);
  });
  return { inRequest, evidence, kind, thread };
}

/**
 * The same without inlined functions: their time is that of the function that holds them.
 * @param {Profile} profile
 * @returns {Profile}
 */
export function withoutInlined(profile) {
  const { tree } = profile;
  /** @type {number[]} */
  const functions = []; // of the nodes that are kept
  /** @type {Map<number, number>[]} */
  const children = [new Map()]; // of node n at n + 1, by function; the roots at 0
  const place = new Int32Array(tree.count); // where each node went, -1 for nowhere
  for (let i = 0; i < tree.count; i++) {
    const above = tree.parent[i] < 0 ? -1 : place[tree.parent[i]];
    const name = tree.functions[i];
    place[i] = profile.inlined[name] ? above : (children[above + 1].get(name) ?? functions.length);
    if (place[i] < functions.length) continue;
    children[above + 1].set(name, place[i]);
    children.push(new Map());
    functions.push(name);
  }
  const { order, depths } = preorder(children);
  const made = makeTree(depths, Array.from(order, (node) => functions[node]));
  const moved = new Int32Array(order.length);
  order.forEach((node, at) => (moved[node] = at));
  return { ...profile, tree: made, node: profile.node.map((node) => moved[place[node]]) };
}

/**
 * Nodes in preorder, siblings in the order that they came in: calls that were apart may be one now.
 * @param {Map<number, number>[]} children of node n at n + 1, by function; the roots at 0
 */
function preorder(children) {
  /** @type {number[]} */
  const order = [];
  /** @type {number[]} */
  const depths = [];
  /** @type {[node: number, depth: number][]} */
  const waiting = [];
  /**
   * @param {number} parent
   * @param {number} depth
   */
  function wait(parent, depth) {
    for (const child of [...children[parent + 1].values()].reverse()) waiting.push([child, depth]);
  }
  wait(-1, 0);
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    const [node, depth] = next;
    order.push(node);
    depths.push(depth);
    wait(node, depth + 1);
  }
  return { order, depths };
}
