for (const table of document.querySelectorAll("table.sortable")) sortable(table);
folded(element("hot-more"), document.querySelectorAll("tbody.more"));

if (element("data")) {
  const data = JSON.parse(element("data").textContent);
  const profile = readProfile(data);
  const state = readState();
  const save = () => writeState(state);
  element("flame-graph").hidden = false;
  element("timeline").hidden = false;
  for (const note of document.querySelectorAll(".unscripted")) note.hidden = true;
  const graph = flameGraph(profile, state, save);
  const lanes = threadTimeline(readTimeline(data), data.threads, data.kinds, state, save);
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
  const redraw = () => parts.forEach((part) => part.redraw());
  addEventListener("resize", redraw);
  const restyle = () => parts.forEach((part) => (part.restyle(), part.drawNow()));
  darkScheme.addEventListener("change", restyle);
  // Paper is white, whatever the reader's screen is.
  addEventListener("beforeprint", restyle);
  addEventListener("afterprint", restyle);
}
