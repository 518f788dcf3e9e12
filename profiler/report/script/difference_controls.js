// Side, window, search, zoom, keyboard and the tree that a screen reader gets.

function differenceGraph(graphs, labels) {
  const state = { graph: "on", mode: "difference", window: "", search: "", zoomed: -1 };
  const view = differenceView(graphs, state);
  const tree = element("difference-tree");
  const spoken = element("difference-spoken");
  const ring = element("difference-ring");
  const search = element("difference-search");
  let focused = -1;

  const draw = () => {
    view.draw();
    place();
  };
  const redraw = onceAFrame(draw);

  function place() {
    const box = focused >= 0 && document.activeElement === tree ? view.boxOf(focused) : null;
    ring.hidden = !box;
    if (!box) return;
    ring.style.left = `${box.x}px`;
    ring.style.top = `${box.y}px`;
    ring.style.width = `${Math.max(3, box.w - 1)}px`;
    if (box.y < tree.scrollTop) tree.scrollTop = box.y;
    else if (box.y + ROW > tree.scrollTop + tree.clientHeight) tree.scrollTop = box.y + ROW - tree.clientHeight;
  }

  const asMsOf = (ns) => asMs(ns / 1000);

  function changed([before, after]) {
    const signed = `${after < before ? "−" : "+"}${asMsOf(Math.abs(after - before))}`;
    const share = before && after ? `, ${after < before ? "−" : "+"}${asPercent(Math.abs(after / before - 1))}` : "";
    return `${signed} a request${share}`;
  }

  function kindsOf(node, side) {
    const { kinds } = view.graph();
    const { parts, total } = view.sums();
    return kinds
      .map((kind, k) => [parts[side][node * kinds.length + k] / total[side][node], kind])
      .filter(([share]) => share > 0.005)
      .sort((a, b) => b[0] - a[0])
      .map(([share, kind]) => `${kind} ${asPercent(share)}`)
      .join(", ");
  }

  function lines(node) {
    const { total, all } = view.sums();
    const both = node < 0 ? all : [total[0][node], total[1][node]];
    const said = labels.map((label, side) => {
      const kinds = node >= 0 && both[side] ? `: ${kindsOf(node, side)}` : "";
      return `${label} ${asMsOf(both[side])}${kinds}`;
    });
    if (node < 0) return ["All of it", ...said, changed(both)];
    return [view.nameOf(node), view.graph().library[view.graph().tree.functions[node]], changed(both), ...said];
  }

  function matched() {
    if (!state.search) return "";
    const { tree: nodes } = view.graph();
    const { total } = view.sums();
    const matches = view.matching();
    const sum = [0, 0];
    for (let i = 0; i < nodes.count; ) {
      if (matches[nodes.functions[i]]) {
        for (const side of [0, 1]) sum[side] += total[side][i];
        i = nodes.end[i];
      } else i++;
    }
    return `matched: ${asMsOf(sum[0])} → ${asMsOf(sum[1])}, ${changed(sum)}`;
  }

  function refresh() {
    element("difference-matched").textContent = matched();
    element("difference-reset").disabled = state.zoomed < 0;
    element("difference-status").textContent = view.whole()
      ? `${state.zoomed < 0 ? "" : "Zoomed to "}${lines(state.zoomed).join("; ")}.`
      : "Nothing is left here.";
    redraw();
  }

  function zoom(node) {
    state.zoomed = node;
    focus(node);
    refresh();
  }

  // After a change of what is counted; where the reader is stays, if there is any of it left.
  function rebuild() {
    view.rebuild();
    if (state.zoomed >= 0 && !view.width(state.zoomed)) state.zoomed = -1;
    focus(state.zoomed);
    element("difference-legend").hidden = state.mode !== "difference";
    for (const kinds of document.querySelectorAll(".difference-kinds"))
      kinds.hidden = state.mode === "difference" || kinds.dataset.graph !== state.graph;
    refresh();
  }

  const childrenOf = (node) => childrenIn(view.graph().tree, node, (i) => view.width(i) > 0);

  function focus(node) {
    focused = node;
    const text = (one) => lines(one).join(", ");
    speakTree(tree, spoken, "difference", view.graph().tree, focused, childrenOf, text);
    place();
  }

  const step = (key) => stepInTree(key, view.graph().tree, focused, childrenOf);

  tree.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key.startsWith("Arrow")) focus(step(event.key));
    else if (event.key === "Enter") zoom(focused);
    else if (event.key === "Home") focus(-1);
    else if (event.key === "Escape") zoom(state.zoomed < 0 ? -1 : view.graph().tree.parent[state.zoomed]);
    else return;
    event.preventDefault();
  });
  tree.addEventListener("focus", place);
  tree.addEventListener("blur", place);

  pointAtFrames(element("difference-canvas"), view.at, lines, zoom);

  search.addEventListener("input", () => {
    state.search = search.value;
    refresh();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.target.closest("input:not([type=radio]), select")) return;
    search.focus();
    event.preventDefault();
  });
  element("difference-reset").addEventListener("click", () => zoom(-1));

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
