// Spans of time in columns, rising and disjoint, and where an instant is among them.

/**
 * @typedef {object} Spans
 * @property {Float64Array} begin
 * @property {Float64Array} end
 */

/**
 * Spans from the gaps before them and their lengths.
 * @param {Float64Array} gaps
 * @param {Float64Array} lengths
 * @returns {Spans}
 */
export function readSpans(gaps, lengths) {
  const [begin, end] = [new Float64Array(gaps.length), new Float64Array(gaps.length)];
  let now = 0;
  for (let i = 0; i < gaps.length; i++) {
    begin[i] = now + gaps[i];
    now = end[i] = begin[i] + lengths[i];
  }
  return { begin, end };
}

/**
 * The first index whose value in a rising column is above a bound.
 * @param {ArrayLike<number>} column
 * @param {number} bound
 */
export function firstAbove(column, bound) {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The span at an instant, or -1.
 * @param {Spans} spans
 * @param {number} us
 */
export function spanAt({ begin, end }, us) {
  const i = firstAbove(end, us);
  return i < end.length && begin[i] <= us ? i : -1;
}
