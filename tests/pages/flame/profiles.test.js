import assert from "node:assert/strict";
import { test } from "node:test";
import { makeTree, pathOf } from "../../../profiler/pages/flame/call_tree.js";
import { readNames, readTags, withoutInlined } from "../../../profiler/pages/flame/profiles.js";
import { SEEDS, madeProfile, randomNumbers, randomProfile } from "../made_trees.js";

test("tags come apart as row_weights.py puts them together", () => {
  const [kinds, evidences] = [8, 5];
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const [thread, kind, evidence, inRequest] = [1000, kinds, evidences, 2].map(random);
    const tag = ((thread * kinds + kind) * evidences + evidence) * 2 + inRequest;
    assert.deepEqual(readTags(Float64Array.of(tag), kinds, evidences), {
      thread: Int32Array.of(thread),
      kind: Uint8Array.of(kind),
      evidence: Uint8Array.of(evidence),
      inRequest: Uint8Array.of(inRequest),
    });
  }
});

test("names are looked up in the strings", () => {
  const names = readNames(["lib.so", "Run", "other.so"], Float64Array.of(1, 1), Float64Array.of(0, 2));
  assert.deepEqual(names, { name: ["Run", "Run"], lowered: ["run", "run"], library: ["lib.so", "other.so"] });
});

test("inlined functions vanish, and calls that they held apart become one", () => {
  // 0 calls 1 (inlined), which calls 2; and 0 calls 2 itself.
  const tree = makeTree([0, 1, 2, 1], [0, 1, 2, 2]);
  const profile = madeProfile(tree, { node: Int32Array.of(0, 1, 2, 3), inlined: Uint8Array.of(0, 1, 0) });
  const plain = withoutInlined(profile);
  assert.deepEqual([...plain.tree.functions], [0, 2]);
  assert.deepEqual([...plain.tree.depth], [0, 1]);
  assert.deepEqual([...plain.node], [0, 0, 1, 1]);
});

test("without inlined functions each row's path is the same, less these", () => {
  for (const seed of SEEDS) {
    const profile = randomProfile(seed);
    // The compiler inlines into something: roots are functions of their own.
    for (let i = 0; i < profile.tree.count; i = profile.tree.end[i]) profile.inlined[profile.tree.functions[i]] = 0;
    const plain = withoutInlined(profile);
    profile.node.forEach((node, row) => {
      const kept = pathOf(profile.tree, node).filter((name) => !profile.inlined[name]);
      assert.deepEqual(pathOf(plain.tree, plain.node[row]), kept);
    });
    const paths = Array.from(plain.tree.functions, (_, node) => pathOf(plain.tree, node).join());
    assert.equal(new Set(paths).size, plain.tree.count);
  }
});
