for (const table of document.querySelectorAll("table.sortable")) sortable(table);
for (const table of ["hot", "operators"])
  folded(element(`${table}-more`), document.querySelectorAll(`table.${table} > tbody.more`));

async function start() {
  const data = JSON.parse(element("data").textContent);
  const columns = await readColumns(data.columns);
  const read = (side) => [side, readGraph(data, columns, side)];
  const profiles = Object.fromEntries(Object.keys(data.flames).map(read));
  const state = readState();
  const save = () => {
    writeState(state);
    if (profiles.operators) showHotOfOperator(profiles.operators, state, graph.view.filtered());
  };
  for (const note of document.querySelectorAll(".unscripted")) note.hidden = true;
  element("flame-graph").hidden = false;
  element("timeline").hidden = false;
  const graph = flameGraph(profiles, state, save);
  const lanes = threadTimeline(readTimeline(data, columns), data.threads, data.kinds, state, save);
  const parts = [graph, lanes];

  const follow = () => parts.forEach((part) => part.follow());
  follow();
  addEventListener("hashchange", () => {
    Object.assign(state, readState());
    follow();
  });
  for (const button of document.querySelectorAll("button[data-function]")) {
    button.hidden = false;
    button.addEventListener("click", () => graph.show(button.dataset.function, button.dataset.library));
  }
  for (const button of document.querySelectorAll("button[data-operator]")) {
    button.hidden = !profiles.operators;
    button.addEventListener("click", () => graph.showOperator(button.dataset.operator));
  }
  addEventListener("resize", () => parts.forEach((part) => part.redraw()));
  const restyle = () => parts.forEach((part) => (part.restyle(), part.drawNow()));
  darkScheme.addEventListener("change", restyle);
  for (const moment of ["beforeprint", "afterprint"]) addEventListener(moment, restyle);
}

// Paper is white, whatever the reader's screen is.
for (const moment of ["beforeprint", "afterprint"])
  addEventListener(moment, () => document.documentElement.classList.toggle("paper", moment === "beforeprint"));
if (element("data")) start();
