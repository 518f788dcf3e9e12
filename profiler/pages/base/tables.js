// Tables that sort, and tables that fold.
import { all } from "./elements.js";

/** Let every `table.sortable` sort. */
export function sortTables() {
  for (const table of all("table.sortable", HTMLTableElement)) sortable(table);
}

/**
 * A click on a heading sorts by it, another one the other way round.
 * @param {HTMLTableElement} table
 */
function sortable(table) {
  const headings = [...(table.tHead?.rows[0].cells ?? [])];
  headings.forEach((heading, column) => {
    const first = heading.dataset.sort;
    if (first === undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const order = nextOrder(heading.getAttribute("aria-sort"), first);
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const groups = [...table.tBodies].map((group) => ({ group, value: valueOf(group.rows[0].cells[column]) }));
      groups.sort((a, b) => sign * compared(a.value, b.value));
      table.append(...groups.map(({ group }) => group));
    });
  });
}

/**
 * The order after a click.
 * @param {string | null} before `aria-sort`
 * @param {string} first the order of a column that was not sorted
 */
export function nextOrder(before, first) {
  if (before === null || before === "none") return first;
  return before === "ascending" ? "descending" : "ascending";
}

/** @param {HTMLTableCellElement} cell */
const valueOf = (cell) => (cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value));

/**
 * How two values of a column are ordered; they are both numbers or both text.
 * @param {number | string} a
 * @param {number | string} b
 */
export const compared = (a, b) =>
  typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

/**
 * Hide the long tail of a table until it is asked for; without this script it is simply there.
 * @param {HTMLElement | null} button
 * @param {HTMLElement[]} rows
 */
export function fold(button, rows) {
  if (!button) return;
  for (const row of rows) row.hidden = true;
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const row of rows) row.hidden = false;
    button.remove();
  });
}
