async function start() {
  const data = JSON.parse(element("data").textContent);
  const read = async ([name, graph]) => [name, await readBothSides(graph)];
  const graphs = Object.fromEntries(await Promise.all(Object.entries(data.graphs).map(read)));
  for (const note of document.querySelectorAll(".unscripted")) note.hidden = true;
  element("difference").hidden = false;
  const graph = differenceGraph(graphs, data.labels);
  addEventListener("resize", graph.redraw);
  darkScheme.addEventListener("change", graph.restyle);
  for (const moment of ["beforeprint", "afterprint"]) addEventListener(moment, graph.restyle);
}

// Paper is white, whatever the reader's screen is.
for (const moment of ["beforeprint", "afterprint"])
  addEventListener(moment, () => document.documentElement.classList.toggle("paper", moment === "beforeprint"));
if (element("data")) start();
