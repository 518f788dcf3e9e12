// An icicle graph on a canvas: the thread's start on top, callees below.
const ROW = 19;

function flameGraph(data) {
  const canvas = element("flame-canvas");
  const search = element("flame-search");
  const tree = readTree(data);
  const kinds = data.kinds.length;
  const sums = sumUp(tree, data.spent, kinds);
  const nameOf = (node) => data.strings[data.functions.name[tree.functions[node]]];
  let zoomed = -1;
  let boxes = [];

  const dominant = (node) => {
    let best = 0;
    for (let k = 1; k < kinds; k++)
      if (sums.byKind[node * kinds + k] > sums.byKind[node * kinds + best]) best = k;
    return best;
  };

  function layout(width) {
    boxes = [];
    const whole = zoomed < 0 ? sums.all : sums.total[zoomed];
    for (let up = zoomed; up >= 0; up = tree.parent[up]) boxes.push([up, 0, width]);
    const next = new Float64Array(512);
    const first = zoomed < 0 ? 0 : zoomed + 1;
    const last = zoomed < 0 ? tree.count : tree.end[zoomed];
    for (let i = first; i < last; ) {
      const x = next[tree.depth[i]];
      const w = (sums.total[i] / whole) * width;
      next[tree.depth[i]] = x + w;
      if (w < 0.4) {
        i = tree.end[i];
        continue;
      }
      next[tree.depth[i] + 1] = x;
      boxes.push([i, x, w]);
      i++;
    }
  }

  function draw() {
    const width = canvas.clientWidth;
    layout(width);
    const deepest = boxes.reduce((most, [node]) => Math.max(most, tree.depth[node]), 0);
    const context = contextOf(canvas, (deepest + 1) * ROW);
    const wanted = search.value.toLowerCase();
    const fills = data.kinds.map((kind) => colour(kind));
    context.font = "12px ui-monospace, 'DejaVu Sans Mono', monospace";
    context.textBaseline = "middle";
    for (const [node, x, w] of boxes) {
      const y = tree.depth[node] * ROW;
      const kind = dominant(node);
      context.globalAlpha = wanted && !nameOf(node).toLowerCase().includes(wanted) ? 0.25 : 1;
      context.fillStyle = fills[kind];
      context.fillRect(x, y, Math.max(w - 1, 0.5), ROW - 1);
      if (w > 30) {
        const room = Math.floor((w - 8) / 7.3);
        const name = nameOf(node);
        context.fillStyle = data.kinds[kind] === "compute" ? "#fff" : "#000";
        context.fillText(name.length > room ? `${name.slice(0, room - 1)}…` : name, x + 4, y + ROW / 2);
      }
    }
  }

  function matched() {
    const wanted = search.value.toLowerCase();
    if (!wanted) return "";
    let us = 0;
    for (let i = 0; i < tree.count; ) {
      if (nameOf(i).toLowerCase().includes(wanted)) {
        us += sums.total[i];
        i = tree.end[i];
      } else i++;
    }
    return `${asPercent(us / sums.all)} matched`;
  }

  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    const [px, row] = [event.clientX - box.left, Math.floor((event.clientY - box.top) / ROW)];
    const found = boxes.find(([node, x, w]) => tree.depth[node] === row && px >= x && px < x + w);
    return found ? found[0] : -1;
  };
  const describe = (node) =>
    node < 0
      ? `All: ${asMs(sums.all)} CPU`
      : `${nameOf(node)}: ${asMs(sums.total[node])} CPU, ${asPercent(sums.total[node] / sums.all)}; ` +
        `its own ${asMs(sums.own[node])}; mostly ${data.kinds[dominant(node)]}`;
  const zoom = (node) => {
    zoomed = node;
    element("flame-status").textContent = describe(node);
    draw();
  };

  canvas.addEventListener("click", (event) => zoom(at(event)));
  canvas.addEventListener("mousemove", (event) => {
    element("flame-status").textContent = describe(at(event) < 0 ? zoomed : at(event));
  });
  element("flame-reset").addEventListener("click", () => zoom(-1));
  search.addEventListener("input", () => {
    element("flame-matched").textContent = matched();
    draw();
  });
  addEventListener("resize", draw);
  dark.addEventListener("change", draw);
  element("flame-graph").hidden = false;
  zoom(-1);
}
