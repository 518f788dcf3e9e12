// The differential flame graph: both sides' time in one tree (profiler/study/compare/flame.py), and its drawing.
// difference_controls.js adds what a reader can do with it.

async function readBothSides(graph) {
  const columns = await readColumns(graph.columns);
  const stringsAt = (indices) => Array.from(indices, (i) => graph.strings[i]);
  const name = stringsAt(columns["function.name"]);
  const tags = columns["spent.tag"];
  return {
    kinds: graph.kinds,
    patterns: graph.patterns,
    name,
    lowered: name.map((one) => one.toLowerCase()),
    library: stringsAt(columns["function.library"]),
    tree: makeTree(columns["tree.depth"], columns["tree.function"]),
    node: Int32Array.from(summed(columns["spent.node"])),
    kind: Uint8Array.from(tags, (tag) => tag >> 1),
    inRequest: Uint8Array.from(tags, (tag) => tag & 1),
    spent: [columns["spent.before"], columns["spent.after"]],
  };
}

// Nanoseconds a request at and below each node, of both sides, and by kind.
function sumBothSides(graph, window) {
  const { tree, kinds } = graph;
  const total = [new Float64Array(tree.count), new Float64Array(tree.count)];
  const parts = [new Float64Array(tree.count * kinds.length), new Float64Array(tree.count * kinds.length)];
  const all = [0, 0];
  for (const side of [0, 1]) {
    for (let row = 0; row < graph.node.length; row++) {
      if (window !== "" && (window === "request") !== (graph.inRequest[row] === 1)) continue;
      total[side][graph.node[row]] += graph.spent[side][row];
      parts[side][graph.node[row] * kinds.length + graph.kind[row]] += graph.spent[side][row];
    }
    for (let i = tree.count - 1; i >= 0; i--) {
      const above = tree.parent[i];
      if (above < 0) {
        all[side] += total[side][i];
        continue;
      }
      total[side][above] += total[side][i];
      for (let k = 0; k < kinds.length; k++) parts[side][above * kinds.length + k] += parts[side][i * kinds.length + k];
    }
  }
  return { total, parts, all };
}

// A change from -1 (only before) over 0 (the same) to 1 (only after), as a colour and a texture.
const CHANGE_STEPS = 8;
function changeLooks() {
  const [same, grows, shrinks] = ["same", "grows", "shrinks"].map((name) => rgbOf(styleColour(name)));
  const looks = [];
  for (let step = -CHANGE_STEPS; step <= CHANGE_STEPS; step++) {
    const part = Math.abs(step) / CHANGE_STEPS;
    const rgb = same.map((from, i) => Math.round(from + ((step < 0 ? shrinks : grows)[i] - from) * part));
    const hex = `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
    looks.push(look(hex, Math.abs(step) < 2 ? "" : step < 0 ? "dots" : "lines"));
  }
  return looks;
}

function differenceView(graphs, state) {
  const boxes = frameBoxes(element("difference-canvas"));
  let graph = null;
  let sums = null;
  let widths = null; // of each node, in nanoseconds of what is shown
  let all = 0;
  let dominant = null; // each node's largest kind
  let looks = [];

  function rebuild() {
    graph = graphs[state.graph];
    sums = sumBothSides(graph, state.window);
    const shown = { before: [0], after: [1], difference: [0, 1] }[state.mode];
    const add = (columns) => Float64Array.from(columns[0], (_, i) => shown.reduce((sum, side) => sum + columns[side][i], 0));
    widths = add(sums.total);
    all = shown.reduce((sum, side) => sum + sums.all[side], 0);
    dominant = dominantKinds(graph.tree, { parts: add(sums.parts), columns: graph.kinds.length }, graph.kinds.length);
    restyle();
  }

  function restyle() {
    looks = state.mode === "difference" ? changeLooks() : kindLooks(graph.patterns);
  }

  const nameOf = (node) => graph.name[graph.tree.functions[node]];
  const changeOf = (node) => {
    const [before, after] = [sums.total[0][node], sums.total[1][node]];
    return before + after ? (after - before) / (before + after) : 0;
  };

  // Growth and decline are said by a sign too, where there is room for it.
  function signedName(node, letters) {
    if (letters < 4) return "";
    const change = changeOf(node);
    const sign = Math.abs(change) < 1 / CHANGE_STEPS ? "=" : change > 0 ? "▲" : "▼";
    return `${sign} ${fitName(nameOf(node), letters - 2)}`;
  }

  function draw() {
    const differs = state.mode === "difference";
    boxes.draw(
      { tree: graph.tree, widths, all, zoomed: state.zoomed },
      {
        looks,
        lookOf: (node) => (differs ? Math.round(changeOf(node) * CHANGE_STEPS) + CHANGE_STEPS : dominant[node]),
        matches: matching(graph, state.search),
        textOf: differs ? signedName : (node, letters) => fitName(nameOf(node), letters),
      },
    );
  }

  return {
    rebuild, restyle, draw, nameOf,
    at: boxes.at,
    boxOf: boxes.boxOf,
    graph: () => graph,
    tree: () => graph.tree,
    sums: () => sums,
    isShown: (node) => widths[node] > 0,
    isAny: () => all > 0,
    zoomed: () => state.zoomed,
  };
}
