// The table of hot functions, restricted to what the flame graph by operator shows.
const HOT_ROWS = 25;

function hotFunctions(profile, filter) {
  const { tree } = profile;
  const sums = sumUp(profile, tree, filter);
  const rows = new Map();
  for (let node = 0; node < tree.count; node++) {
    if (!sums.total[node]) continue;
    const key = tree.functions[node];
    let row = rows.get(key);
    if (!row) rows.set(key, (row = { key, self: 0, total: 0, parts: new Float64Array(profile.kinds.length) }));
    row.self += sums.own[node];
    let above = tree.parent[node];
    while (above >= 0 && tree.functions[above] !== key) above = tree.parent[above];
    if (above >= 0) continue; // a recursive function counts once
    row.total += sums.total[node];
    for (let k = 0; k < row.parts.length; k++) row.parts[k] += sums.parts[node * sums.columns + k];
  }
  return { all: sums.all, rows: [...rows.values()].sort((a, b) => b.self - a.self || b.total - a.total) };
}

function swatch(kind) {
  const [svg, rect] = ["svg", "rect"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  svg.setAttribute("class", "swatch");
  svg.setAttribute("aria-hidden", "true");
  rect.setAttribute("class", `k-${kind}`);
  rect.setAttribute("width", 14);
  rect.setAttribute("height", 14);
  svg.append(rect);
  return svg;
}

function showHotOfOperator(profile, state, filter) {
  const shown = state.side === "operators";
  element("hot-of-operator").hidden = !shown;
  element("hot-of-all").hidden = shown;
  if (!shown) return;
  const { all, rows } = hotFunctions(profile, filter);
  const lane = profile.lanes[state.operator] ?? "all operators, and between them";
  element("hot-of-operator-what").textContent = `Of ${asMs(all)} CPU shown in the flame graph: ${lane}.`;
  const body = document.querySelector("#hot-of-operator tbody");
  body.replaceChildren(
    ...rows.slice(0, HOT_ROWS).map((row) => {
      const line = document.createElement("tr");
      const kind = profile.kinds[row.parts.indexOf(Math.max(...row.parts))];
      for (const share of [row.self, row.total]) {
        const cell = line.insertCell();
        cell.className = "n";
        cell.textContent = asPercent(share / all);
      }
      const [name, library] = [profile.name[row.key], profile.library[row.key]];
      const code = document.createElement("code");
      code.textContent = name.includes(library) ? name : `${name} `;
      const small = document.createElement("small");
      small.textContent = name.includes(library) ? "" : library;
      line.insertCell().append(code, small);
      line.insertCell().append(swatch(kind), ` ${kind}`);
      line.lastChild.className = "kind";
      return line;
    }),
  );
}
