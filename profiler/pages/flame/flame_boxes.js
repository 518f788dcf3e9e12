// A flame graph's boxes, of one profile (flame.js) or of two (difference.js): layout, drawing, and what is where.
const ROW = 20;
const NARROWEST = 0.5; // pixels; narrower boxes are not drawn
const FACE = "12px ui-monospace, 'DejaVu Sans Mono', monospace";

function frameBoxes(canvas) {
  let boxes = { count: 0, node: [], x: [], w: [] }; // what is drawn: the first `count` of each column
  let tree = null;
  let rows = 1;
  let upwards = false; // roots are drawn below

  // `widths`: what each node spent; `all`: what all of them spent; `zoomed`: the node that is as wide as the canvas, or -1.
  function layout({ widths, all, zoomed }, width) {
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
    const whole = zoomed < 0 ? all : widths[zoomed];
    const next = [];
    next[above] = 0;
    rows = Math.max(1, above);
    const last = zoomed < 0 ? tree.count : tree.end[zoomed];
    for (let i = zoomed + 1; i < last && whole > 0; ) {
      const depth = tree.depth[i];
      const w = (widths[i] / whole) * width;
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

  const rowOf = (depth) => (upwards ? rows - 1 - depth : depth);
  const topOf = (node) => rowOf(tree.depth[node]) * ROW;

  // `looks` and `lookOf(node)`, an index of theirs; `matches`, by function, or null when nothing is searched for;
  // `textOf(node, letters)`; optionally `isItalic(node)` and `decorate(context, node, x, y, w)`.
  function draw(shown, { looks, lookOf, matches, textOf, isItalic = () => false, decorate = () => {} }) {
    ({ tree, upwards = false } = shown);
    const width = canvas.parentElement.clientWidth;
    layout(shown, width);
    const context = contextOf(canvas, width, rows * ROW);
    const patterns = looks.map((look) => context.createPattern(look.tile, "repeat"));
    context.font = FACE;
    context.textBaseline = "middle";
    const letter = context.measureText("m").width;
    const inkColour = styleColour("ink");
    for (let i = 0; i < boxes.count; i++) {
      const [node, x, w] = [boxes.node[i], boxes.x[i], boxes.w[i]];
      const y = topOf(node);
      const look = lookOf(node);
      const faded = matches ? !matches[tree.functions[node]] : node < shown.zoomed;
      context.globalAlpha = faded ? 0.3 : 1;
      context.fillStyle = w < 6 ? looks[look].flat : patterns[look];
      context.fillRect(x, y, w > 2 ? w - 1 : w, ROW - 1);
      if (w < 24) continue;
      decorate(context, node, x, y, w);
      const room = Math.floor((w - 8) / letter);
      context.globalAlpha = 1;
      context.fillStyle = faded ? inkColour : looks[look].ink;
      context.font = isItalic(node) ? `italic ${FACE}` : FACE;
      if (room > 1) context.fillText(textOf(node, room), x + 4, y + ROW / 2 - 1);
    }
    context.globalAlpha = 1;
  }

  function at(px, py) {
    const row = Math.floor(py / ROW);
    for (let i = 0; i < boxes.count; i++)
      if (rowOf(tree.depth[boxes.node[i]]) === row && px >= boxes.x[i] && px < boxes.x[i] + boxes.w[i])
        return boxes.node[i];
    return -1;
  }

  function boxOf(node) {
    let i = 0;
    while (i < boxes.count && boxes.node[i] !== node) i++;
    return i === boxes.count ? null : { x: boxes.x[i], w: boxes.w[i], y: topOf(node) };
  }

  return { draw, at, boxOf };
}

// Each node's largest kind: the first columns of `parts` are kinds.
function dominantKinds(tree, { parts, columns }, kinds) {
  const found = new Uint8Array(tree.count);
  for (let i = 0; i < tree.count; i++) {
    const base = i * columns;
    let best = 0;
    for (let k = 1; k < kinds; k++) if (parts[base + k] > parts[base + best]) best = k;
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
