import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTree, pathOf } from "../../../profiler/pages/flame/call_tree.js";
import { dominantKinds, invert, sumUp } from "../../../profiler/pages/flame/sums.js";
import { SEEDS, madeProfile, randomProfile } from "../made_trees.js";

/** @import { Tree } from "../../../profiler/pages/flame/call_tree.js" */

const everything = () => true;
/** @param {ArrayLike<number>} values */
const sum = (values) => Array.from(values).reduce((total, value) => total + value, 0);

test("a node's total is what was spent at it and below, of each kind and evidence", () => {
  for (const seed of SEEDS) {
    const profile = randomProfile(seed);
    const { tree, kinds } = profile;
    const sums = sumUp(profile, (row) => profile.thread[row] !== 1);
    for (let node = 0; node < tree.count; node++) {
      const rows = profile.node.reduce(
        (/** @type {number[]} */ found, at, row) =>
          at >= node && at < tree.end[node] && profile.thread[row] !== 1 ? [...found, row] : found,
        [],
      );
      assert.equal(sums.total[node], sum(rows.map((row) => profile.us[row])));
      kinds.forEach((_, kind) => {
        const mine = rows.filter((row) => profile.kind[row] === kind);
        assert.equal(sums.parts[node * sums.columns + kind], sum(mine.map((row) => profile.us[row])));
      });
      const parts = Array.from(sums.parts).slice(node * sums.columns, (node + 1) * sums.columns);
      assert.equal(sum(parts.slice(kinds.length)), sums.total[node]);
    }
    assert.equal(sums.all, sum(sums.own));
  }
});

test("nothing passes a filter that lets nothing through", () => {
  const sums = sumUp(randomProfile(1), () => false);
  assert.equal(sums.all, 0);
  assert.equal(sum(sums.parts), 0);
});

test("the inverted tree begins with functions by their own time", () => {
  for (const seed of SEEDS) {
    const profile = randomProfile(seed);
    const sums = sumUp(profile, everything);
    const made = invert(profile.tree, sums, 0);
    const roots = Array.from(made.tree.depth, (depth, node) => ({ depth, node })).filter(({ depth }) => depth === 0);
    assert.equal(sum(roots.map(({ node }) => made.sums.total[node])), sums.all);
    for (const { node } of roots) {
      const wanted = made.tree.functions[node];
      const own = Array.from(profile.tree.functions, (name, i) => (name === wanted ? sums.own[i] : 0));
      assert.equal(made.sums.total[node], sum(own));
    }
  }
});

test("each chain is found backwards in the inverted tree, with its time", () => {
  for (const seed of SEEDS) {
    const profile = randomProfile(seed);
    const sums = sumUp(profile, everything);
    const made = invert(profile.tree, sums, 0);
    assert.deepEqual(spentByPath(made.tree, made.sums.own), spentByPath(profile.tree, sums.own, true));
  }
});

/**
 * @param {Tree} tree
 * @param {ArrayLike<number>} own
 */
function spentByPath(tree, own, backwards = false) {
  /** @type {Map<string, number>} */
  const spent = new Map();
  for (let node = 0; node < tree.count; node++) {
    if (!own[node]) continue;
    const path = pathOf(tree, node);
    const key = (backwards ? path.reverse() : path).join();
    spent.set(key, (spent.get(key) ?? 0) + own[node]);
  }
  return new Map([...spent].sort());
}

test("siblings fall by time, and small ones are left out of the inverted tree", () => {
  const tree = makeTree([0, 1, 1, 1], [0, 1, 2, 3]);
  const profile = madeProfile(tree, { node: Int32Array.of(1, 2, 3), us: Float64Array.of(1, 60, 39) });
  const sums = sumUp(profile, everything);
  const made = invert(tree, sums, 0.02);
  assert.deepEqual([...made.tree.functions], [2, 0, 3, 0]);
  assert.deepEqual([...made.tree.depth], [0, 1, 0, 1]);
  assert.equal(made.sums.all, 100);
});

test("the dominant kind is the largest, the first of equals", () => {
  const tree = makeTree([0, 0], [0, 1]);
  const parts = [1, 2, 9, 3, 3, 9];
  assert.deepEqual([...dominantKinds(tree, { parts, columns: 3 }, 2)], [1, 0]);
});
