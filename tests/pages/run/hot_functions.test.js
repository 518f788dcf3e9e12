import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTree } from "../../../profiler/pages/flame/call_tree.js";
import { hotFunctions } from "../../../profiler/pages/run/hot_functions.js";
import { SEEDS, madeProfile, randomProfile } from "../made_trees.js";

test("a recursive function's time counts once", () => {
  const tree = makeTree([0, 1, 2], [0, 1, 0]); // 0 calls 1, which calls 0
  const rows = { node: Int32Array.of(1, 2), us: Float64Array.of(10, 5), kind: Uint8Array.of(0, 1) };
  const hot = hotFunctions(madeProfile(tree, rows), () => true);
  assert.equal(hot.spent, 15);
  assert.deepEqual(hot.rows, [
    { key: 1, self: 10, total: 15, parts: [10, 5] },
    { key: 0, self: 5, total: 15, parts: [10, 5] },
  ]);
});

test("functions' own times sum up to all, and none is above all", () => {
  for (const seed of SEEDS) {
    const profile = randomProfile(seed);
    const { spent, rows } = hotFunctions(profile, (row) => profile.inRequest[row] === 1);
    assert.equal(rows.reduce((sum, row) => sum + row.self, 0), spent);
    for (const { self, total, parts } of rows) {
      assert.ok(self <= total && total <= spent);
      assert.equal(parts.reduce((sum, part) => sum + part, 0), total);
    }
    const own = rows.map((row) => row.self);
    assert.deepEqual(own, [...own].sort((a, b) => b - a));
  }
});
