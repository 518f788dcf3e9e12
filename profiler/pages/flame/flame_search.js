// Search in a flame graph: the box, and what matches.
import { element } from "../base/elements.js";

/** @import { Tree } from "./call_tree.js" */

const TYPED_INTO = "input:not([type=radio], [type=checkbox]), select, textarea";

/**
 * @param {string} id
 * @param {{ search: string }} state
 * @param {() => void} refresh
 */
export function searchBox(id, state, refresh) {
  const [search, tree] = [element(`${id}-search`, HTMLInputElement), element(`${id}-tree`)];
  search.addEventListener("input", () => {
    state.search = search.value;
    refresh();
  });
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && event.key !== "Enter") return;
    if (event.key === "Escape") search.value = state.search = "";
    refresh();
    tree.focus();
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || (event.target instanceof Element && event.target.closest(TYPED_INTO))) return;
    search.focus();
    event.preventDefault();
  });
  return search;
}

/**
 * Whether each function's name holds what is searched for; null when nothing is.
 * @param {{ lowered: string[] }} names
 * @param {string} search
 */
export function matching({ lowered }, search) {
  const wanted = search.toLowerCase();
  return wanted ? lowered.map((name) => name.includes(wanted)) : null;
}

/**
 * The nodes that match and are called by none that does, so that no time counts twice.
 * @param {Tree} tree
 * @param {boolean[]} matches by function
 */
export function* outermost(tree, matches) {
  for (let i = 0; i < tree.count; ) {
    if (matches[tree.functions[i]]) {
      yield i;
      i = tree.end[i];
    } else i++;
  }
}
