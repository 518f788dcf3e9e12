// Search, filters, zoom, keyboard and the tree that a screen reader gets.

function flameGraph(profiles, state, save) {
  const view = flameView(profiles, state);
  const tree = element("flame-tree");
  const spoken = element("flame-spoken");
  const ring = element("flame-ring");
  const search = element("flame-search");
  const status = element("flame-status");
  let focused = -1;
  const redraw = onceAFrame(() => {
    view.draw();
    place();
  });

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

  const asSpent = (us) => `${asMs(us)} ${view.profile().time}`;
  const shareOf = (node) => view.graph().sums.total[node] / view.graph().sums.all;

  function lines(node) {
    const { sums, tree: nodes } = view.graph();
    const profile = view.profile();
    if (node < 0) return [`All of it: ${asSpent(sums.all)}`];
    const part = (from, names) =>
      names
        .map((name, i) => [sums.parts[node * sums.columns + from + i] / sums.total[node], name])
        .filter(([share]) => share > 0)
        .sort((a, b) => b[0] - a[0])
        .map(([share, name]) => `${name} ${asPercent(share)}`)
        .join(", ");
    return [
      view.nameOf(node),
      profile.library[nodes.functions[node]],
      `${asSpent(sums.total[node])}, ${asPercent(shareOf(node))} of what is shown; itself ${asMs(sums.own[node])}`,
      part(0, profile.kinds),
      `rests on ${part(profile.kinds.length, profile.evidences)}`,
    ];
  }

  function matched() {
    if (!state.search) return "";
    const { tree: nodes, sums } = view.graph();
    const matches = view.matching();
    let us = 0;
    for (let i = 0; i < nodes.count; ) {
      if (matches[nodes.functions[i]]) {
        us += sums.total[i];
        i = nodes.end[i];
      } else i++;
    }
    return `${asPercent(sums.all ? us / sums.all : 0)} matched (${asMs(us)})`;
  }

  function zoom(node) {
    view.setZoom(node);
    state.frame = pathOf(view.graph().tree, node);
    focus(node);
    refresh();
  }

  function refresh() {
    const { sums } = view.graph();
    element("flame-matched").textContent = matched();
    element("flame-reset").disabled = view.zoomed() < 0;
    const zoomed = view.zoomed();
    status.textContent = sums.all
      ? zoomed < 0 ? `${asSpent(sums.all)} shown.` : `Zoomed to ${lines(zoomed).slice(0, 3).join(", ")}.`
      : "Nothing is left: the filters hide all of it.";
    save();
    redraw();
  }

  function rebuild() {
    view.rebuild();
    focused = view.zoomed();
    speak();
    refresh();
    // Begin where the roots are; after the drawing, which is waiting for the same frame.
    requestAnimationFrame(() => (tree.scrollTop = state.upwards ? tree.scrollHeight : 0));
  }

  const childrenOf = (node) => {
    const { tree: nodes, sums } = view.graph();
    return childrenIn(nodes, node, (i) => sums.total[i] > 0);
  };

  function speak() {
    const text = (node) => lines(node).slice(0, 4).join(", ");
    speakTree(tree, spoken, "frame", view.graph().tree, focused, childrenOf, text);
  }

  function focus(node) {
    focused = node;
    speak();
    place();
  }

  const step = (key) => stepInTree(key, view.graph().tree, focused, childrenOf, state.upwards);

  tree.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key.startsWith("Arrow")) focus(step(event.key));
    else if (event.key === "Enter") zoom(focused);
    else if (event.key === "Home") focus(-1);
    else if (event.key === "Escape") zoom(view.zoomed() < 0 ? -1 : view.graph().tree.parent[view.zoomed()]);
    else return;
    event.preventDefault();
  });
  tree.addEventListener("focus", () => focus(focused));
  tree.addEventListener("blur", place);

  pointAtFrames(element("flame-canvas"), view.at, lines, zoom);

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
    if (event.key !== "/" || event.target.closest("input, select, textarea")) return;
    search.focus();
    event.preventDefault();
  });
  element("flame-reset").addEventListener("click", () => zoom(-1));
  const choose = (id, apply) =>
    element(id).addEventListener("change", (event) => {
      apply(event.target);
      rebuild();
    });
  const unzoom = () => (state.frame = []);
  // Each side has functions of its own; off the CPU, what matters is what requests waited for.
  function turnTo(side) {
    unzoom();
    state.side = side;
    state.window = side === "off" ? "request" : "";
    if (side !== "operators") state.operator = -1;
    follow();
  }
  for (const radio of document.querySelectorAll("input[name=flame-side]"))
    radio.addEventListener("change", () => turnTo(radio.value));
  if (profiles.operators) choose("flame-operator", (select) => (state.operator = Number(select.value)));
  choose("flame-thread", (select) => (state.thread = Number(select.value)));
  choose("flame-window", (select) => (state.window = select.value));
  choose("flame-invert", (box) => (unzoom(), (state.invert = box.checked)));
  choose("flame-upwards", (box) => (state.upwards = box.checked));
  choose("flame-inlined", (box) => (unzoom(), (state.inlined = box.checked)));
  const anyInlined = Object.values(profiles).some((profile) => profile.inlined.some(Boolean));
  element("flame-inlined").parentElement.hidden = !anyInlined;
  for (const box of document.querySelectorAll(".flame-kinds input"))
    box.addEventListener("change", () => {
      if (box.checked) state.hide.delete(box.value);
      else state.hide.add(box.value);
      rebuild();
    });

  function follow() {
    if (!profiles[state.side]) state.side = "on";
    for (const radio of document.querySelectorAll("input[name=flame-side]")) radio.checked = radio.value === state.side;
    for (const set of document.querySelectorAll(".flame-kinds")) set.hidden = set.dataset.side !== state.side;
    search.value = state.search;
    const lanes = profiles[state.side].lanes;
    if (!lanes?.[state.operator]) state.operator = -1;
    element("flame-thread").closest("label").hidden = Boolean(lanes);
    element("flame-thread").value = state.thread;
    if (profiles.operators) {
      element("flame-operator").closest("label").hidden = !lanes;
      element("flame-operator").value = state.operator;
    }
    element("flame-window").value = state.window;
    element("flame-invert").checked = state.invert;
    element("flame-upwards").checked = state.upwards;
    element("flame-inlined").checked = state.inlined;
    for (const box of document.querySelectorAll(".flame-kinds input")) box.checked = !state.hide.has(box.value);
    rebuild();
  }

  // Find the heaviest call of a function (by name and library) and zoom to it.
  function show(name, library) {
    if (state.side !== "on") turnTo("on");
    const { tree: nodes, sums } = view.graph();
    let best = -1;
    for (let i = 0; i < nodes.count; i++)
      if (view.nameOf(i) === name && view.profile().library[nodes.functions[i]] === library)
        if (best < 0 || sums.total[i] > sums.total[best]) best = i;
    if (best < 0) return;
    zoom(best);
    tree.focus();
    tree.scrollIntoView({ block: "center" });
  }

  // Turn to the operators of one type.
  function showOperator(name) {
    state.operator = profiles.operators.lanes.indexOf(name);
    turnTo("operators");
    tree.focus();
    tree.scrollIntoView({ block: "center" });
  }

  return { follow, show, showOperator, redraw, restyle: view.restyle, drawNow: view.draw, zoom, view };
}
