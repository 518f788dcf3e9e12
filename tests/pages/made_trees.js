// Call trees and profiles for tests: small ones by hand, and random ones from a seed.
import { makeTree } from "../../profiler/pages/flame/call_tree.js";

/** @import { Tree } from "../../profiler/pages/flame/call_tree.js" */
/** @import { Profile } from "../../profiler/pages/flame/profiles.js" */

export const SEEDS = Array.from({ length: 50 }, (_, seed) => seed);

/**
 * Whole numbers from 0 up to, not with, a bound (mulberry32).
 * @param {number} seed
 */
export function randomNumbers(seed) {
  let state = seed;
  return (/** @type {number} */ bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound);
  };
}

/**
 * A call tree in which siblings are calls of different functions, as in call_tree.py's.
 * @param {(bound: number) => number} random
 * @param {number} most nodes
 * @param {number} functions
 */
export function randomTree(random, most, functions) {
  /** @type {number[]} */
  const depths = [];
  /** @type {number[]} */
  const called = [];
  /** @param {number} depth */
  function grow(depth) {
    const first = random(functions);
    for (let i = 0; i < 1 + random(3) && depths.length < most; i++) {
      depths.push(depth);
      called.push((first + i) % functions);
      if (depth < 6 && random(2)) grow(depth + 1);
    }
  }
  while (depths.length === 0) grow(0);
  return makeTree(depths, called);
}

/**
 * A profile with some of its parts given.
 * @param {Tree} tree
 * @param {Partial<Profile>} parts
 * @returns {Profile}
 */
export function madeProfile(tree, parts) {
  const functions = Math.max(-1, ...tree.functions) + 1;
  const rows = parts.node?.length ?? 0;
  const name = Array.from({ length: functions }, (_, i) => `F${i}`);
  return {
    kinds: ["compute", "spin-idle"],
    patterns: ["compute", "spin-idle"],
    time: "CPU",
    name,
    lowered: name.map((one) => one.toLowerCase()),
    library: name.map(() => "lib.so"),
    evidences: ["symbol", "instruction", "place"],
    inlined: new Uint8Array(functions),
    tree,
    node: new Int32Array(rows),
    us: new Float64Array(rows).fill(1),
    inRequest: new Uint8Array(rows),
    evidence: new Uint8Array(rows),
    kind: new Uint8Array(rows),
    thread: new Int32Array(rows),
    ...parts,
  };
}

/**
 * A profile with random rows on a random tree.
 * @param {number} seed
 */
export function randomProfile(seed) {
  const random = randomNumbers(seed);
  const tree = randomTree(random, 60, 8);
  const rows = { length: 1 + random(80) };
  return madeProfile(tree, {
    node: Int32Array.from(rows, () => random(tree.count)),
    us: Float64Array.from(rows, () => 1 + random(1000)),
    inRequest: Uint8Array.from(rows, () => random(2)),
    evidence: Uint8Array.from(rows, () => random(3)),
    kind: Uint8Array.from(rows, () => random(2)),
    thread: Int32Array.from(rows, () => random(3)),
    inlined: Uint8Array.from({ length: 8 }, () => random(2)),
  });
}
