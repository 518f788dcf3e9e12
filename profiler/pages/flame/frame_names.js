// Names and shares as a flame graph writes them.
import { asPercent } from "../base/formats.js";

/**
 * A name in so many letters: C++ names keep their end, where the function is.
 * @param {string} name
 * @param {number} room
 */
export function fitName(name, room) {
  if (name.length <= room) return name;
  // Without a name, the place in the library tells functions apart.
  const nameless = /^(\[.*\] )?.*\+(0x[0-9a-f]+.*)$/.exec(name);
  if (nameless) {
    const place = `${nameless[1] ?? ""}+${nameless[2].replace(" (function)", "")}`;
    if (place.length <= room) return place;
    return room < 8 ? "" : `${place.slice(0, room - 1)}…`; // less would look like another address
  }
  const bare = name.replace(/\(.*\)( const)?$/, "").replace(/<.*>/, "<…>");
  if (bare.length <= room) return bare;
  return name.startsWith("[") || !bare.includes("::") ? `${bare.slice(0, room - 1)}…` : `…${bare.slice(1 - room)}`;
}

/**
 * Parts of a frame in words, the largest first.
 * @param {string[]} names
 * @param {(index: number) => number} shareOf
 * @param {number} least parts up to this are left out
 */
export function partsInWords(names, shareOf, least = 0) {
  return names
    .map((name, i) => ({ name, share: shareOf(i) }))
    .filter(({ share }) => share > least)
    .sort((a, b) => b.share - a.share)
    .map(({ name, share }) => `${name} ${asPercent(share)}`)
    .join(", ");
}
