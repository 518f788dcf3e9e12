// Numbers as profiler/findings/formats.py writes them, units behind no-break spaces. Values are finite and not
// negative; tests/pages/base/test_formats.py holds both equal.

/**
 * A value with so many decimals. Of two that are equally near the even one is taken, as Python does; `toFixed` takes
 * the larger. A value lies between two exactly where it is an odd multiple of 2 ** -(digits + 1).
 * @param {number} value
 * @param {number} digits
 */
function fixed(value, digits) {
  const text = value.toFixed(digits);
  const last = Number(text.at(-1));
  const isBetween = (value * 2 ** (digits + 1)) % 2 === 1;
  return isBetween && last % 2 ? `${text.slice(0, -1)}${last - 1}` : text;
}

/**
 * Three significant digits.
 * @param {number} value
 */
export function significant(value) {
  if (value >= 100) return Number(fixed(value, 0)).toLocaleString("en-US");
  if (value === 0) return "0";
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(value))));
  const rounded = fixed(value, digits);
  return Number(rounded) === 0 ? "<\u00a00.001" : rounded;
}

/** @param {number} us microseconds */
export const asMs = (us) => `${significant(us / 1000)}\u00a0ms`;

/**
 * A time in the unit that suits it.
 * @param {number} us microseconds
 */
export function asTime(us) {
  if (us >= 1e6) return `${significant(us / 1e6)}\u00a0s`;
  return us >= 1000 ? asMs(us) : `${Math.round(us)}\u00a0µs`;
}

/** @param {number} share */
export function asPercent(share) {
  const value = share * 100;
  if (value > 0 && value < 0.1) return "<\u00a00.1\u00a0%";
  return `${fixed(value, value >= 9.95 || value === 0 ? 0 : 1)}\u00a0%`;
}
