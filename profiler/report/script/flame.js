// The flame graph: layout and drawing. flame_controls.js adds what a reader can do with it.
const ROW = 20;
const NARROWEST = 0.5; // pixels; narrower boxes are not drawn

function flameView(profiles, state) {
  const canvas = element("flame-canvas");
  let profile = profiles.on;
  let looks = [];
  let patterns = [];
  let graph = null; // { tree, sums }
  let dominant = null; // each node's largest kind
  let zoomed = -1;
  let boxes = { count: 0, node: [], x: [], w: [] }; // what is drawn: the first `count` of each column
  let rows = 1;

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
    dominant = dominantKinds(graph, profile.kinds.length);
    zoomed = nodeAt(graph.tree, state.frame);
    if (zoomed >= 0 && !graph.sums.total[zoomed]) zoomed = -1;
  }

  function restyle() {
    looks = kindLooks(profile.patterns);
  }

  function layout(width) {
    const { tree, sums } = graph;
    const push = (node, x, w) => {
      boxes.node[boxes.count] = node;
      boxes.x[boxes.count] = x;
      boxes.w[boxes.count++] = w;
    };
    if (boxes.node.length < tree.count)
      boxes = { node: new Int32Array(tree.count), x: new Float64Array(tree.count), w: new Float64Array(tree.count) };
    boxes.count = 0;
    const above = pathOf(tree, zoomed).length;
    for (let up = zoomed; up >= 0; up = tree.parent[up]) push(up, 0, width);
    const whole = zoomed < 0 ? sums.all : sums.total[zoomed];
    const next = [];
    next[above] = 0;
    rows = Math.max(1, above);
    const last = zoomed < 0 ? tree.count : tree.end[zoomed];
    for (let i = zoomed + 1; i < last && whole > 0; ) {
      const depth = tree.depth[i];
      const w = (sums.total[i] / whole) * width;
      const x = next[depth];
      next[depth] = x + w;
      if (w < NARROWEST) {
        i = tree.end[i];
        continue;
      }
      next[depth + 1] = x;
      push(i, x, w);
      if (depth >= rows) rows = depth + 1;
      i++;
    }
  }

  // Whether each function's name holds what is searched for.
  function matching() {
    const wanted = state.search.toLowerCase();
    return profile.lowered.map((name) => wanted !== "" && name.includes(wanted));
  }

  const top = (depth) => (state.upwards ? rows - 1 - depth : depth) * ROW;
  const nameOf = (node) => profile.name[graph.tree.functions[node]];

  function draw() {
    const width = canvas.parentElement.clientWidth;
    layout(width);
    const context = contextOf(canvas, width, rows * ROW);
    patterns = looks.map((look) => context.createPattern(look.tile, "repeat"));
    const face = "12px ui-monospace, 'DejaVu Sans Mono', monospace";
    context.font = face;
    context.textBaseline = "middle";
    const letter = context.measureText("m").width;
    const inkColour = styleColour("ink");
    const wanted = state.search !== "";
    const matches = matching();
    for (let i = 0; i < boxes.count; i++) {
      const [node, x, w] = [boxes.node[i], boxes.x[i], boxes.w[i]];
      const y = top(graph.tree.depth[node]);
      const kind = dominant[node];
      const faded = wanted ? !matches[graph.tree.functions[node]] : node < zoomed;
      context.globalAlpha = faded ? 0.3 : 1;
      context.fillStyle = w < 6 ? looks[kind].flat : patterns[kind];
      context.fillRect(x, y, w > 2 ? w - 1 : w, ROW - 1);
      if (w < 24) continue;
      drawMix(context, node, x, y, w);
      const name = nameOf(node);
      const room = Math.floor((w - 8) / letter);
      context.globalAlpha = 1;
      context.fillStyle = faded ? inkColour : looks[kind].ink;
      context.font = profile.inlined[graph.tree.functions[node]] ? `italic ${face}` : face;
      if (room > 1) context.fillText(fitName(name, room), x + 4, y + ROW / 2 - 1);
    }
    context.globalAlpha = 1;
  }

  // A line under the box shows every kind in it, when there is more than one.
  function drawMix(context, node, x, y, w) {
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

  function at(px, py) {
    const row = Math.floor(py / ROW);
    const depth = state.upwards ? rows - 1 - row : row;
    for (let i = 0; i < boxes.count; i++)
      if (graph.tree.depth[boxes.node[i]] === depth && px >= boxes.x[i] && px < boxes.x[i] + boxes.w[i])
        return boxes.node[i];
    return -1;
  }

  function boxOf(node) {
    let i = 0;
    while (i < boxes.count && boxes.node[i] !== node) i++;
    return i === boxes.count ? null : { x: boxes.x[i], w: boxes.w[i], y: top(graph.tree.depth[node]) };
  }

  return {
    rebuild, filtered, restyle, draw, at, boxOf, nameOf, matching,
    profile: () => profile,
    graph: () => graph,
    zoomed: () => zoomed,
    setZoom: (node) => {
      zoomed = node;
    },
  };
}

function dominantKinds({ tree, sums }, kinds) {
  const found = new Uint8Array(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const base = i * sums.columns;
    let best = 0;
    for (let k = 1; k < kinds; k++) if (sums.parts[base + k] > sums.parts[base + best]) best = k;
    found[i] = best;
  }
  return found;
}

// A name in so many letters: C++ names keep their end, where the function is.
function fitName(name, room) {
  if (name.length <= room) return name;
  // Without a name, the place in the library tells functions apart.
  const nameless = /^(\[.*\] )?.*\+(0x[0-9a-f]+.*)$/.exec(name);
  if (nameless) {
    const place = `${nameless[1] ?? ""}+${nameless[2].replace(" (function)", "")}`;
    if (place.length <= room) return place;
    return room < 8 ? "" : `${place.slice(0, room - 1)}…`; // less would look like another address
  }
  const bare = name.replace(/\(.*\)( const)?$/, "").replace(/<.*>/, "<…>");
  if (bare.length <= room) return bare;
  return name.startsWith("[") || !bare.includes("::") ? `${bare.slice(0, room - 1)}…` : `…${bare.slice(1 - room)}`;
}
