// Search in a flame graph: the box, and what matches.

function searchBox(id, state, refresh) {
  const [search, tree] = [element(`${id}-search`), element(`${id}-tree`)];
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
    if (event.key !== "/" || event.target.closest("input:not([type=radio], [type=checkbox]), select, textarea")) return;
    search.focus();
    event.preventDefault();
  });
  return search;
}

// Whether each function's name holds what is searched for; null when nothing is.
function matching({ lowered }, search) {
  const wanted = search.toLowerCase();
  return wanted ? lowered.map((name) => name.includes(wanted)) : null;
}

// The frames that match and are called by none that does, so that no time counts twice.
function* outermost(nodes, matches) {
  for (let i = 0; i < nodes.count; ) {
    if (matches[nodes.functions[i]]) {
      yield i;
      i = nodes.end[i];
    } else i++;
  }
}
