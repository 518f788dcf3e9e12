import assert from "node:assert/strict";
import { test } from "node:test";
import { ROW, layOut } from "../../../profiler/pages/flame/flame_boxes.js";
import { sumUp } from "../../../profiler/pages/flame/sums.js";
import { SEEDS, randomProfile } from "../made_trees.js";

const WIDTH = 800;

/**
 * @param {number} seed
 * @param {number} zoomed
 */
function laidOut(seed, zoomed, upwards = false) {
  const profile = randomProfile(seed);
  const sums = sumUp(profile, () => true);
  const node = zoomed < profile.tree.count && sums.total[zoomed] ? zoomed : -1;
  const shown = { tree: profile.tree, widths: sums.total, all: sums.all, zoomed: node, upwards };
  const { height, ...columns } = layOut(shown, WIDTH);
  const boxes = columns.node.map((one, i) => ({ node: one, x: columns.x[i], y: columns.y[i], w: columns.w[i] }));
  return { ...shown, height, boxes };
}

test("boxes are as wide as their share, and lie in those of their callers", () => {
  for (const seed of SEEDS) {
    const { tree, widths, all, boxes } = laidOut(seed, -1);
    const byNode = new Map(boxes.map((box) => [box.node, box]));
    for (const { node, x, y, w } of boxes) {
      assert.ok(Math.abs(w - (widths[node] / all) * WIDTH) < 1e-9);
      assert.equal(y, tree.depth[node] * ROW);
      const caller = byNode.get(tree.parent[node]) ?? { x: 0, w: WIDTH };
      assert.ok(x >= caller.x - 1e-9 && x + w <= caller.x + caller.w + 1e-9);
    }
    const wide = Array.from(widths).filter((width) => (width / all) * WIDTH >= 0.5);
    assert.equal(boxes.length, wide.length);
  }
});

test("a zoomed node and its callers are as wide as the canvas, and nothing beside it is drawn", () => {
  for (const seed of SEEDS) {
    const { tree, zoomed, boxes } = laidOut(seed, 3);
    if (zoomed < 0) continue;
    for (const { node, x, w } of boxes) {
      if (node <= zoomed) assert.deepEqual([x, w], [0, WIDTH]);
      else assert.ok(node < tree.end[zoomed]);
    }
    assert.equal(boxes.filter(({ node }) => node <= zoomed).length, tree.depth[zoomed] + 1);
  }
});

test("with the roots below, rows are mirrored", () => {
  for (const seed of SEEDS) {
    const [down, up] = [laidOut(seed, -1), laidOut(seed, -1, true)];
    assert.equal(down.height, up.height);
    down.boxes.forEach((box, i) => assert.equal(up.boxes[i].y, down.height - ROW - box.y));
  }
});

test("an empty graph has one empty row", () => {
  const { tree } = randomProfile(1);
  const boxes = layOut({ tree, widths: new Float64Array(tree.count), all: 0, zoomed: -1 }, WIDTH);
  assert.deepEqual([boxes.node.length, boxes.height], [0, ROW]);
});
