// Columns of whole numbers as packed.py packs them: LEB128 bytes, deflated, in base64. Numbers are exact up to 2 ** 53.

/** @typedef {Record<string, Float64Array>} Columns */

/**
 * @param {string} text
 * @returns {Promise<Float64Array>}
 */
export async function readColumn(text) {
  const letters = atob(text);
  const packed = new Uint8Array(letters.length);
  for (let i = 0; i < packed.length; i++) packed[i] = letters.charCodeAt(i);
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
  const values = new Float64Array(bytes.length);
  let count = 0;
  let value = 0;
  let unit = 1;
  for (const byte of bytes) {
    value += (byte & 127) * unit; // not <<: numbers pass 32 bits
    if (byte & 128) unit *= 128;
    else {
      values[count++] = value;
      value = 0;
      unit = 1;
    }
  }
  return values.subarray(0, count);
}

/**
 * @param {Record<string, string>} packed
 * @returns {Promise<Columns>}
 */
export async function readColumns(packed) {
  const names = Object.keys(packed);
  const columns = await Promise.all(Object.values(packed).map(readColumn));
  return Object.fromEntries(names.map((name, i) => [name, columns[i]]));
}

/**
 * Numbers from the first and the differences (`pack_rising`), in place.
 * @param {Float64Array} values
 */
export function summed(values) {
  for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
  return values;
}
