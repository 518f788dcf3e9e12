// Tables that sort: a click on a heading sorts by it, another one the other way round.
function sortable(table) {
  const headings = [...table.tHead.rows[0].cells];
  const groups = () => [...table.tBodies];
  const valueOf = (group, column) => {
    const cell = group.rows[0].cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  headings.forEach((heading, column) => {
    if (heading.dataset.sort === undefined) return;
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => {
      const before = heading.getAttribute("aria-sort");
      const first = heading.dataset.sort;
      const order = before === null || before === "none" ? first : before === "ascending" ? "descending" : "ascending";
      for (const other of headings) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const keyed = groups().map((group) => [valueOf(group, column), group]);
      keyed.sort(([a], [b]) => sign * (typeof a === "number" ? a - b : a.localeCompare(b)));
      table.append(...keyed.map(([, group]) => group));
    });
  });
}

// The long tail of a table, shown on demand; without this script it is simply there.
function folded(button, rows) {
  if (!button) return;
  for (const row of rows) row.hidden = true;
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const row of rows) row.hidden = false;
    button.remove();
  });
}
