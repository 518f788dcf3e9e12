"use strict";
(() => {
  // profiler/pages/base/elements.js
  function all(selector, kind) {
    return Array.from(document.querySelectorAll(selector), (found) => known(found, kind, selector));
  }
  function known(found, kind, where) {
    if (found instanceof kind) return found;
    throw new TypeError(`${where} is no ${kind.name}`);
  }

  // profiler/pages/base/tables.js
  function sortTables() {
    for (const table of all("table.sortable", HTMLTableElement)) sortable(table);
  }
  function sortable(table) {
    const headings = [...table.tHead?.rows[0].cells ?? []];
    headings.forEach((heading, column) => {
      const first = heading.dataset.sort;
      if (first === void 0) return;
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
  function nextOrder(before, first) {
    if (before === null || before === "none") return first;
    return before === "ascending" ? "descending" : "ascending";
  }
  var valueOf = (cell) => cell.dataset.value === void 0 ? cell.textContent.trim() : Number(cell.dataset.value);
  var compared = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));

  // profiler/pages/index/index.js
  sortTables();
})();
