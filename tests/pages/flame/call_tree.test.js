import assert from "node:assert/strict";
import { test } from "node:test";
import { childrenIn, makeTree, nodeAt, pathOf, stepInTree } from "../../../profiler/pages/flame/call_tree.js";
import { SEEDS, randomNumbers, randomTree } from "../made_trees.js";

// a ─ b ─ c   and   d
//   └ e
const TREE = makeTree([0, 1, 2, 1, 0], [0, 1, 2, 4, 3]);
const everything = () => true;

test("parents and ends follow from depths", () => {
  assert.deepEqual([...TREE.parent], [-1, 0, 1, 0, -1]);
  assert.deepEqual([...TREE.end], [4, 3, 3, 4, 5]);
  assert.equal(makeTree([], []).count, 0);
});

test("each node lies in its parent, a depth below it", () => {
  for (const seed of SEEDS) {
    const tree = randomTree(randomNumbers(seed), 80, 6);
    for (let node = 0; node < tree.count; node++) {
      const parent = tree.parent[node];
      assert.equal(tree.depth[node], parent < 0 ? 0 : tree.depth[parent] + 1);
      assert.ok(tree.end[node] > node && tree.end[node] <= (parent < 0 ? tree.count : tree.end[parent]));
      assert.ok(parent < node);
    }
  }
});

test("the path of a node leads to it", () => {
  for (const seed of SEEDS) {
    const tree = randomTree(randomNumbers(seed), 80, 6);
    for (let node = -1; node < tree.count; node++) {
      const found = nodeAt(tree, pathOf(tree, node));
      assert.deepEqual(pathOf(tree, found), pathOf(tree, node));
    }
  }
  assert.deepEqual(pathOf(TREE, 2), [0, 1, 2]);
  assert.equal(nodeAt(TREE, [0, 4]), 3);
  assert.equal(nodeAt(TREE, [0, 3]), -1);
  assert.equal(nodeAt(TREE, []), -1);
});

test("children are those that are shown", () => {
  assert.deepEqual(childrenIn(TREE, -1, everything), [0, 4]);
  assert.deepEqual(childrenIn(TREE, 0, everything), [1, 3]);
  assert.deepEqual(childrenIn(TREE, 0, (node) => node !== 1), [3]);
  assert.deepEqual(childrenIn(TREE, 2, everything), []);
});

test("arrows lead inwards, outwards and along, and stay at the edges", () => {
  /** @param {number} node */
  const childrenOf = (node) => childrenIn(TREE, node, everything);
  /**
   * @param {string} key
   * @param {number} from
   */
  const step = (key, from, upwards = false) => stepInTree(key, TREE, from, childrenOf, upwards);
  assert.equal(step("ArrowDown", -1), 0);
  assert.equal(step("ArrowDown", 0), 1);
  assert.equal(step("ArrowDown", 2), 2);
  assert.equal(step("ArrowUp", 1), 0);
  assert.equal(step("ArrowUp", 0), -1);
  assert.equal(step("ArrowUp", -1), -1);
  assert.equal(step("ArrowRight", 1), 3);
  assert.equal(step("ArrowLeft", 3), 1);
  assert.equal(step("ArrowRight", 4), 4);
  assert.equal(step("ArrowLeft", -1), -1);
  assert.equal(step("ArrowUp", 0, true), 1);
  assert.equal(step("ArrowDown", 1, true), 0);
});
