// Side, window, search, zoom, keyboard and the tree that a screen reader gets.
const MOST_SPOKEN = 12;

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

  const childrenOf = (node) => {
    const { tree: nodes } = view.graph();
    const found = [];
    const end = node < 0 ? nodes.count : nodes.end[node];
    for (let i = node + 1; i < end; i = nodes.end[i]) if (view.width(i) > 0) found.push(i);
    return found;
  };

  // Where the reader is, as tree items: the way down to the focused frame, and what it calls.
  function focus(node) {
    focused = node;
    const { tree: nodes } = view.graph();
    const way = [-1];
    for (let i = focused; i >= 0; i = nodes.parent[i]) way.splice(1, 0, i);
    const items = [...way, ...childrenOf(focused).slice(0, MOST_SPOKEN)].map((one) => {
      const item = document.createElement("div");
      const siblings = one < 0 ? [-1] : childrenOf(nodes.parent[one]);
      item.id = `difference-${one + 1}`;
      item.setAttribute("role", "treeitem");
      item.setAttribute("aria-level", one < 0 ? 1 : nodes.depth[one] + 2);
      item.setAttribute("aria-setsize", siblings.length);
      item.setAttribute("aria-posinset", siblings.indexOf(one) + 1);
      item.setAttribute("aria-selected", one === focused);
      if (childrenOf(one).length) item.setAttribute("aria-expanded", way.includes(one));
      item.textContent = lines(one).join(", ");
      return item;
    });
    spoken.replaceChildren(...items);
    tree.setAttribute("aria-activedescendant", `difference-${focused + 1}`);
    place();
  }

  function step(key) {
    const { tree: nodes } = view.graph();
    if (key === "ArrowDown") return childrenOf(focused)[0] ?? focused;
    if (key === "ArrowUp") return focused < 0 ? -1 : nodes.parent[focused];
    const siblings = focused < 0 ? [-1] : childrenOf(nodes.parent[focused]);
    return siblings[siblings.indexOf(focused) + (key === "ArrowRight" ? 1 : -1)] ?? focused;
  }

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

  const canvas = element("difference-canvas");
  const under = (event) => view.at(event.offsetX, event.offsetY);
  canvas.addEventListener("click", (event) => zoom(under(event)));
  canvas.addEventListener("mousemove", (event) => {
    const node = under(event);
    canvas.classList.toggle("pointing", node >= 0);
    if (node < 0) hideTip();
    else showTip(lines(node), event.clientX, event.clientY);
  });
  canvas.addEventListener("mouseleave", hideTip);

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
