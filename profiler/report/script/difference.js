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
  const canvas = element("difference-canvas");
  let graph = null;
  let sums = null;
  let width = null; // of each node, in nanoseconds of what is shown
  let dominant = null;
  let looks = [];
  let boxes = [];
  let rows = 1;

  function rebuild() {
    graph = graphs[state.graph];
    sums = sumBothSides(graph, state.window);
    const shown = { before: [0], after: [1], difference: [0, 1] }[state.mode];
    const add = (columns) => Float64Array.from(columns[shown[0]], (_, i) => shown.reduce((sum, s) => sum + columns[s][i], 0));
    width = add(sums.total);
    dominant = dominantKinds(
      { tree: graph.tree, sums: { parts: add(sums.parts), columns: graph.kinds.length } },
      graph.kinds.length,
    );
    restyle();
  }

  function restyle() {
    looks = state.mode === "difference" ? changeLooks() : kindLooks(graph.patterns);
  }

  const changeOf = (node) => {
    const [before, after] = [sums.total[0][node], sums.total[1][node]];
    return before + after ? (after - before) / (before + after) : 0;
  };
  const lookOf = (node) =>
    looks[state.mode === "difference" ? Math.round(changeOf(node) * CHANGE_STEPS) + CHANGE_STEPS : dominant[node]];

  const whole = () => {
    if (state.zoomed >= 0) return width[state.zoomed];
    let sum = 0;
    for (let i = 0; i < graph.tree.count; i = graph.tree.end[i]) sum += width[i];
    return sum;
  };

  function layout(pixels) {
    const { tree } = graph;
    boxes = [];
    const above = pathOf(tree, state.zoomed).length;
    for (let up = state.zoomed; up >= 0; up = tree.parent[up]) boxes.push({ node: up, x: 0, w: pixels });
    const all = whole();
    const next = [];
    next[above] = 0;
    rows = Math.max(1, above);
    const last = state.zoomed < 0 ? tree.count : tree.end[state.zoomed];
    for (let i = state.zoomed + 1; i < last && all > 0; ) {
      const depth = tree.depth[i];
      const w = (width[i] / all) * pixels;
      const x = next[depth];
      next[depth] = x + w;
      if (w < NARROWEST) {
        i = tree.end[i];
        continue;
      }
      next[depth + 1] = x;
      boxes.push({ node: i, x, w });
      rows = Math.max(rows, depth + 1);
      i++;
    }
  }

  const nameOf = (node) => graph.name[graph.tree.functions[node]];

  function matching() {
    const wanted = state.search.toLowerCase();
    return graph.lowered.map((name) => wanted !== "" && name.includes(wanted));
  }

  // Growth and decline are said by a sign too, where there is room for it.
  function textOf(node, room) {
    if (state.mode !== "difference") return fitName(nameOf(node), room);
    const change = changeOf(node);
    return `${Math.abs(change) < 1 / CHANGE_STEPS ? "=" : change > 0 ? "▲" : "▼"} ${fitName(nameOf(node), room - 2)}`;
  }

  function draw() {
    const pixels = canvas.parentElement.clientWidth;
    layout(pixels);
    const context = contextOf(canvas, pixels, rows * ROW);
    const patterns = looks.map((one) => context.createPattern(one.tile, "repeat"));
    context.font = "12px ui-monospace, 'DejaVu Sans Mono', monospace";
    context.textBaseline = "middle";
    const letter = context.measureText("m").width;
    const matches = matching();
    const inkColour = styleColour("ink");
    for (const { node, x, w } of boxes) {
      const y = graph.tree.depth[node] * ROW;
      const one = lookOf(node);
      const faded = state.search ? !matches[graph.tree.functions[node]] : node < state.zoomed;
      context.globalAlpha = faded ? 0.3 : 1;
      context.fillStyle = w < 6 ? one.flat : patterns[looks.indexOf(one)];
      context.fillRect(x, y, w > 2 ? w - 1 : w, ROW - 1);
      if (w < 24) continue;
      const room = Math.floor((w - 8) / letter);
      context.globalAlpha = 1;
      context.fillStyle = faded ? inkColour : one.ink;
      if (room > 3) context.fillText(textOf(node, room), x + 4, y + ROW / 2 - 1);
    }
  }

  return {
    rebuild, restyle, draw, nameOf, matching,
    graph: () => graph,
    sums: () => sums,
    width: (node) => width[node],
    whole,
    at: (px, py) => {
      const depth = Math.floor(py / ROW);
      const box = boxes.find(({ node, x, w }) => graph.tree.depth[node] === depth && px >= x && px < x + w);
      return box ? box.node : -1;
    },
    boxOf: (node) => {
      const box = boxes.find((one) => one.node === node);
      return box && { ...box, y: graph.tree.depth[node] * ROW };
    },
  };
}
