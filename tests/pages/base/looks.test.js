import assert from "node:assert/strict";
import { test } from "node:test";
import { isInk, rgbOf } from "../../../profiler/pages/base/looks.js";

/** @import { Texture } from "../../../profiler/pages/base/looks.js" */

const SIDE = 8; // of a tile
/** @type {Texture[]} */
const TEXTURES = ["lines", "dots", "columns", "rows", "grid", "cross"];

/**
 * @param {Texture} texture
 * @param {number} fromX
 * @param {number} fromY
 */
function tile(texture, fromX = 0, fromY = 0) {
  const pixels = Array.from({ length: SIDE * SIDE }, (_, i) => [fromX + (i % SIDE), fromY + Math.floor(i / SIDE)]);
  return pixels.map(([x, y]) => (isInk(texture, x, y) ? "#" : ".")).join("");
}

test("textures repeat by the tile, and no two are alike", () => {
  const tiles = TEXTURES.map((texture) => tile(texture));
  assert.equal(new Set(tiles).size, TEXTURES.length);
  for (const [i, texture] of TEXTURES.entries()) {
    assert.match(tiles[i], /#.*\.|\..*#/);
    assert.equal(tile(texture, 5 * SIDE, 3 * SIDE), tiles[i]);
  }
  assert.doesNotMatch(tile(""), /#/);
});

test("a colour's parts", () => {
  assert.deepEqual(rgbOf("#0172ff"), [1, 0x72, 255]);
});
