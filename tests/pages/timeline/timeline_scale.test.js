import assert from "node:assert/strict";
import { test } from "node:test";
import * as layout from "../../../profiler/pages/timeline/timeline_scale.js";
import { SEEDS, randomNumbers } from "../made_trees.js";

const { GUTTER, laneAt, laneMiddle, laneTop, tickStep, timeScale } = layout;
const LENGTH = 1_000_000;
const made = () => timeScale(() => 1000 + GUTTER, LENGTH);

test("the phase begins at the gutter and ends at the right edge", () => {
  const scale = made();
  assert.deepEqual([scale.xOf(0), scale.xOf(LENGTH)], [GUTTER, GUTTER + 1000]);
  assert.equal(timeScale(() => 10, LENGTH).width(), 50);
});

test("a place and its time lead to each other", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const scale = made();
    const from = random(LENGTH);
    scale.show(from, from + random(LENGTH));
    const us = random(LENGTH);
    assert.ok(Math.abs(scale.usAt(scale.xOf(us)) - us) < 1e-3);
  }
});

test("what is shown lies within the phase and is no shorter than 20 microseconds", () => {
  for (const seed of SEEDS) {
    const random = randomNumbers(seed);
    const scale = made();
    const from = random(3 * LENGTH) - LENGTH;
    scale.show(from, from + random(2 * LENGTH) - 100);
    const [begin, end] = scale.shown();
    assert.ok(begin >= 0 && end <= LENGTH && end - begin >= 20, `${begin} to ${end}`);
  }
});

test("a shift beyond an end keeps the length", () => {
  const scale = made();
  scale.show(-500, 500);
  assert.deepEqual(scale.shown(), [0, 1000]);
  scale.show(LENGTH - 500, LENGTH + 500);
  assert.deepEqual(scale.shown(), [LENGTH - 1000, LENGTH]);
});

test("spans in view are those that reach into it", () => {
  const scale = made();
  scale.show(100, 200);
  const spans = { begin: Float64Array.of(0, 90, 150, 200, 300), end: Float64Array.of(50, 110, 160, 250, 400) };
  assert.deepEqual(scale.inView(spans), [1, 4]);
});

test("a tick's step is round, and its ticks have room and not much more", () => {
  for (let exponent = -3; exponent < 6; exponent += 0.01) {
    const perPixel = 10 ** exponent;
    const step = tickStep(perPixel, 90);
    assert.ok(step >= perPixel * 90 && step < perPixel * 90 * 2.51, `${step} for ${perPixel}`);
    assert.match(step.toExponential(6), /^[125]\.000000e/);
  }
});

test("a lane's top and middle are in it", () => {
  for (const row of [0, 1, 17]) assert.deepEqual([laneAt(laneTop(row)), laneAt(laneMiddle(row))], [row, row]);
});
