// What a kind looks like: a colour, and a texture that says the same without colour (base.css, _patterns.html.j2).
import { contextOf } from "./canvas.js";

/** @typedef {[red: number, green: number, blue: number]} Rgb from 0 to 255 */
/** @typedef {"lines" | "dots" | "columns" | "rows" | "grid" | "cross" | ""} Texture */
/**
 * @typedef {object} Look
 * @property {string} flat the colour alone
 * @property {Rgb} rgb
 * @property {Texture} texture
 * @property {HTMLCanvasElement} tile colour and texture, to repeat
 * @property {string} ink of text on it
 */

/** @type {Record<string, Texture>} */
const TEXTURES = {
  "spin-idle": "lines", "spin-busy": "lines", "spin-join": "lines", futex: "dots", unknown: "cross",
  blocked: "columns", runnable: "rows", throttled: "grid", io: "dots",
};

/** @param {string} name of a custom property */
export const styleColour = (name) =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/**
 * @param {string} hex `#rrggbb`
 * @returns {Rgb}
 */
export function rgbOf(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

/**
 * Whether a texture has ink at a pixel.
 * @param {Texture} texture
 * @param {number} x
 * @param {number} y
 */
export function isInk(texture, x, y) {
  if (texture === "lines") return (x + y) % 8 < 2;
  if (texture === "dots") return x % 4 < 2 && y % 4 < 2 && (x + y) % 8 < 4;
  if (texture === "columns") return x % 4 < 1;
  if (texture === "rows") return y % 4 < 1;
  if (texture === "grid") return x % 8 < 1 || y % 8 < 1;
  if (texture === "cross") return (x + y) % 8 < 1 || (x - y + 8000) % 8 < 1;
  return false;
}

/** @param {string[]} kinds */
export const kindLooks = (kinds) => kinds.map((kind) => makeLook(styleColour(kind), TEXTURES[kind] ?? ""));

/**
 * @param {string} flat `#rrggbb`
 * @param {Texture} texture
 * @returns {Look}
 */
export function makeLook(flat, texture) {
  const rgb = rgbOf(flat);
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = contextOf(tile);
  context.fillStyle = flat;
  context.fillRect(0, 0, 8, 8);
  context.fillStyle = "#00000030";
  for (let x = 0; x < 8; x++)
    for (let y = 0; y < 8; y++) if (isInk(texture, x, y)) context.fillRect(x, y, 1, 1);
  const luminance = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  return { flat, rgb, texture, tile, ink: luminance < 110 ? "#fff" : "#000" };
}

/**
 * A look as a pattern to fill with.
 * @param {CanvasRenderingContext2D} context
 * @param {Look} look
 */
export const patternOf = (context, look) => context.createPattern(look.tile, "repeat") ?? look.flat;
