// One profile's flame graph: what is counted and what it looks like. flame_controls.js adds what a reader can do with it.

function flameView(profiles, state) {
  const boxes = frameBoxes(element("flame-canvas"));
  let profile = profiles.on;
  let looks = [];
  let graph = null; // { tree, sums }
  let dominant = null; // each node's largest kind
  let zoomed = -1;

  function filtered() {
    const hidden = profile.kinds.map((kind) => state.hide.has(kind));
    const wanted = state.window === "request" ? 1 : state.window === "idle" ? 0 : -1;
    const lane = profile.lanes ? state.operator : state.thread;
    return (row) =>
      (lane < 0 || profile.thread[row] === lane) &&
      (wanted < 0 || profile.inRequest[row] === wanted) &&
      !hidden[profile.kind[row]];
  }

  // Sum up anew: after a change of the side, the filter or the direction.
  function rebuild() {
    const whole = profiles[state.side];
    profile = state.inlined ? whole : (whole.plain ??= withoutInlined(whole));
    restyle();
    const sums = sumUp(profile, profile.tree, filtered());
    graph = state.invert ? invert(profile.tree, sums, 1 / 5000) : { tree: profile.tree, sums };
    dominant = dominantKinds(graph.tree, graph.sums, profile.kinds.length);
    zoomed = nodeAt(graph.tree, state.frame);
    if (zoomed >= 0 && !graph.sums.total[zoomed]) zoomed = -1;
  }

  function restyle() {
    looks = kindLooks(profile.patterns);
  }

  function draw() {
    const { tree, sums } = graph;
    boxes.draw(
      { tree, widths: sums.total, all: sums.all, zoomed, upwards: state.upwards },
      {
        looks, decorate,
        lookOf: (node) => dominant[node],
        matches: matching(profile, state.search),
        textOf: (node, letters) => fitName(nameOf(node), letters),
        isItalic: (node) => profile.inlined[tree.functions[node]],
      },
    );
  }

  // A line under the box shows every kind in it, when there is more than one.
  function decorate(context, node, x, y, w) {
    const { parts, columns, total } = graph.sums;
    let from = x;
    for (let k = 0; k < profile.kinds.length; k++) {
      const part = (parts[node * columns + k] / total[node]) * (w - 1);
      if (part >= w - 1.5) return;
      context.fillStyle = looks[k].flat;
      context.fillRect(from, y + ROW - 4, part, 3);
      from += part;
    }
  }

  const nameOf = (node) => profile.name[graph.tree.functions[node]];

  return {
    rebuild, filtered, restyle, draw, nameOf,
    at: boxes.at,
    boxOf: boxes.boxOf,
    profile: () => profile,
    tree: () => graph.tree,
    sums: () => graph.sums,
    isShown: (node) => graph.sums.total[node] > 0,
    zoomed: () => zoomed,
    setZoom: (node) => {
      zoomed = node;
    },
  };
}
