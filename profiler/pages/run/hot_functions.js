// Functions by the time spent in them, of what a filter lets through.
import { sumUp } from "../flame/sums.js";

/** @import { Profile } from "../flame/profiles.js" */
/**
 * Microseconds in a function.
 * @typedef {object} HotFunction
 * @property {number} key the function
 * @property {number} self
 * @property {number} total with what it called
 * @property {number[]} parts `total` by kind
 */

/**
 * @param {Profile} profile
 * @param {(row: number) => boolean} filter
 * @returns {{ spent: number, rows: HotFunction[] }} time in all of them, and the hottest first
 */
export function hotFunctions(profile, filter) {
  const { tree } = profile;
  const sums = sumUp(profile, filter);
  /** @type {Map<number, HotFunction>} */
  const rows = new Map();
  for (let node = 0; node < tree.count; node++) {
    if (!sums.total[node]) continue;
    const key = tree.functions[node];
    const row = rows.get(key) ?? { key, self: 0, total: 0, parts: profile.kinds.map(() => 0) };
    rows.set(key, row);
    row.self += sums.own[node];
    let above = tree.parent[node];
    while (above >= 0 && tree.functions[above] !== key) above = tree.parent[above];
    if (above >= 0) continue; // a recursive function counts once
    row.total += sums.total[node];
    for (let k = 0; k < row.parts.length; k++) row.parts[k] += sums.parts[node * sums.columns + k];
  }
  return { spent: sums.all, rows: [...rows.values()].sort((a, b) => b.self - a.self || b.total - a.total) };
}
