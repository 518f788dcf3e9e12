// What a reader can do with the differential flame graph: choose sides and window, search, zoom.

function differenceGraph(graphs, labels) {
  const state = { graph: "on", mode: "difference", window: "", search: "", zoomed: -1 };
  const view = differenceView(graphs, state);
  const said = (node) => lines(node).join(", ");
  const frames = frameTree("difference", view, { lines, said, zoom });
  searchBox("difference", state, refresh);
  const draw = () => {
    view.draw();
    frames.place();
  };
  const redraw = onceAFrame(draw);

  const asMsOf = (ns) => asMs(ns / 1000);

  function changed([before, after]) {
    const signed = `${after < before ? "−" : "+"}${asMsOf(Math.abs(after - before))}`;
    const share = before && after ? `, ${after < before ? "−" : "+"}${asPercent(Math.abs(after / before - 1))}` : "";
    return `${signed} a request${share}`;
  }

  function kindsOf(node, side) {
    const { kinds } = view.graph();
    const { parts, total } = view.sums();
    return partsInWords(kinds, (k) => parts[side][node * kinds.length + k] / total[side][node], 0.005);
  }

  function lines(node) {
    const { total, all } = view.sums();
    const both = node < 0 ? all : [total[0][node], total[1][node]];
    const sides = labels.map((label, side) => {
      const kinds = node >= 0 && both[side] ? `: ${kindsOf(node, side)}` : "";
      return `${label} ${asMsOf(both[side])}${kinds}`;
    });
    if (node < 0) return ["All of it", ...sides, changed(both)];
    return [view.nameOf(node), view.graph().library[view.tree().functions[node]], changed(both), ...sides];
  }

  function matched() {
    const matches = matching(view.graph(), state.search);
    if (!matches) return "";
    const { total } = view.sums();
    const sum = [0, 0];
    for (const node of outermost(view.tree(), matches)) for (const side of [0, 1]) sum[side] += total[side][node];
    return `matched: ${asMsOf(sum[0])} → ${asMsOf(sum[1])}, ${changed(sum)}`;
  }

  function refresh() {
    element("difference-matched").textContent = matched();
    element("difference-reset").disabled = state.zoomed < 0;
    element("difference-status").textContent = view.isAny()
      ? `${state.zoomed < 0 ? "" : "Zoomed to "}${lines(state.zoomed).join("; ")}.`
      : "Nothing is left here.";
    redraw();
  }

  function zoom(node) {
    state.zoomed = node;
    frames.focus(node);
    refresh();
  }

  // After a change of what is counted; where the reader is stays, if there is any of it left.
  function rebuild() {
    view.rebuild();
    if (state.zoomed >= 0 && !view.isShown(state.zoomed)) state.zoomed = -1;
    frames.focus(state.zoomed);
    element("difference-legend").hidden = state.mode !== "difference";
    for (const kinds of document.querySelectorAll(".difference-kinds"))
      kinds.hidden = state.mode === "difference" || kinds.dataset.graph !== state.graph;
    refresh();
  }

  const choice = (name, apply) => {
    for (const input of document.querySelectorAll(`input[name="difference-${name}"]`))
      input.addEventListener("change", () => (apply(input.value), rebuild()));
  };
  choice("mode", (mode) => (state.mode = mode));
  // Between requests threads wait for the next one: off the CPU, that would hide everything else.
  function choose(graph) {
    state.graph = graph;
    state.zoomed = -1;
    state.window = element("difference-window").value = graph === "off" ? "request" : "";
  }
  choice("graph", choose);
  element("difference-window").addEventListener("change", (event) => {
    state.window = event.target.value;
    rebuild();
  });

  choose(document.querySelector('input[name="difference-graph"]:checked').value);
  rebuild();
  return { redraw, restyle: () => (view.restyle(), draw()) };
}
