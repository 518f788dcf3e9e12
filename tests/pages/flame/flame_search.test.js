import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTree, pathOf } from "../../../profiler/pages/flame/call_tree.js";
import { matching, outermost } from "../../../profiler/pages/flame/flame_search.js";
import { SEEDS, randomNumbers, randomTree } from "../made_trees.js";

test("a search finds parts of names, whatever the letters' case", () => {
  const names = { lowered: ["workerloop", "spinpause", "run"] };
  assert.deepEqual(matching(names, "LOOP"), [true, false, false]);
  assert.deepEqual(matching(names, "p"), [true, true, false]);
  assert.equal(matching(names, ""), null);
});

test("the outermost matches hold the others", () => {
  const tree = makeTree([0, 1, 2, 1], [0, 1, 1, 2]);
  assert.deepEqual([...outermost(tree, [false, true, false])], [1]);
  assert.deepEqual([...outermost(tree, [true, true, true])], [0]);
  assert.deepEqual([...outermost(tree, [false, false, false])], []);
});

test("a node is in an outermost match exactly if its path has one", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const tree = randomTree(random, 60, 6);
    const matches = Array.from({ length: 6 }, () => random(3) === 0);
    const found = [...outermost(tree, matches)];
    for (let node = 0; node < tree.count; node++) {
      const holders = found.filter((one) => node >= one && node < tree.end[one]);
      assert.equal(holders.length, pathOf(tree, node).some((name) => matches[name]) ? 1 : 0);
    }
  }
});
