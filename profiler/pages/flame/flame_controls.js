// What a reader can do with a flame graph: choose what is counted, search, zoom.

function flameGraph(profiles, state, save) {
  const view = flameView(profiles, state);
  const tree = element("flame-tree");
  const status = element("flame-status");
  const said = (node) => lines(node).slice(0, 4).join(", ");
  const frames = frameTree("flame", view, { lines, said, zoom, isUpwards: () => state.upwards });
  const search = searchBox("flame", state, refresh);
  const redraw = onceAFrame(() => {
    view.draw();
    frames.place();
  });

  const asSpent = (us) => `${asMs(us)} ${view.profile().time}`;
  const shareOf = (node) => view.sums().total[node] / view.sums().all;

  function lines(node) {
    const [sums, nodes, profile] = [view.sums(), view.tree(), view.profile()];
    if (node < 0) return [`All of it: ${asSpent(sums.all)}`];
    const part = (from, names) =>
      partsInWords(names, (i) => sums.parts[node * sums.columns + from + i] / sums.total[node]);
    return [
      view.nameOf(node),
      profile.library[nodes.functions[node]],
      `${asSpent(sums.total[node])}, ${asPercent(shareOf(node))} of what is shown; itself ${asMs(sums.own[node])}`,
      part(0, profile.kinds),
      `rests on ${part(profile.kinds.length, profile.evidences)}`,
    ];
  }

  function matched() {
    const matches = matching(view.profile(), state.search);
    if (!matches) return "";
    const { all, total } = view.sums();
    let us = 0;
    for (const node of outermost(view.tree(), matches)) us += total[node];
    return `${asPercent(all ? us / all : 0)} matched (${asMs(us)})`;
  }

  function zoom(node) {
    view.setZoom(node);
    state.frame = pathOf(view.tree(), node);
    frames.focus(node);
    refresh();
  }

  function refresh() {
    const { all } = view.sums();
    element("flame-matched").textContent = matched();
    element("flame-reset").disabled = view.zoomed() < 0;
    const zoomed = view.zoomed();
    status.textContent = all
      ? zoomed < 0 ? `${asSpent(all)} shown.` : `Zoomed to ${lines(zoomed).slice(0, 3).join(", ")}.`
      : "Nothing is left: the filters hide all of it.";
    save();
    redraw();
  }

  function rebuild() {
    view.rebuild();
    frames.focus(view.zoomed());
    refresh();
    // Begin where the roots are; after the drawing, which is waiting for the same frame.
    requestAnimationFrame(() => (tree.scrollTop = state.upwards ? tree.scrollHeight : 0));
  }

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
    const [nodes, { total }] = [view.tree(), view.sums()];
    let best = -1;
    for (let i = 0; i < nodes.count; i++)
      if (view.nameOf(i) === name && view.profile().library[nodes.functions[i]] === library)
        if (best < 0 || total[i] > total[best]) best = i;
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
