"use strict";
(() => {
  // profiler/pages/base/elements.js
  function element(id, kind = HTMLElement) {
    return known(document.getElementById(id), kind, `#${id}`);
  }
  function all(selector, kind) {
    return Array.from(document.querySelectorAll(selector), (found) => known(found, kind, selector));
  }
  function known(found, kind, where) {
    if (found instanceof kind) return found;
    throw new TypeError(`${where} is no ${kind.name}`);
  }
  var labelOf = (control) => known(control.closest("label"), HTMLLabelElement, `what is around #${control.id}`);
  function pageData() {
    const text = document.getElementById("data")?.textContent;
    return text ? JSON.parse(text) : null;
  }

  // profiler/pages/base/packed.js
  async function readColumn(text) {
    const letters = atob(text);
    const packed = new Uint8Array(letters.length);
    for (let i = 0; i < packed.length; i++) packed[i] = letters.charCodeAt(i);
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const values = new Float64Array(bytes.length);
    let count = 0;
    let value = 0;
    let unit = 1;
    for (const byte of bytes) {
      value += (byte & 127) * unit;
      if (byte & 128) unit *= 128;
      else {
        values[count++] = value;
        value = 0;
        unit = 1;
      }
    }
    return values.subarray(0, count);
  }
  async function readColumns(packed) {
    const names = Object.keys(packed);
    const columns = await Promise.all(Object.values(packed).map(readColumn));
    return Object.fromEntries(names.map((name, i) => [name, columns[i]]));
  }
  function summed(values) {
    for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
    return values;
  }

  // profiler/pages/base/scheme.js
  var PRINTING = ["beforeprint", "afterprint"];
  function whitenPaper() {
    for (const moment of PRINTING)
      addEventListener(moment, () => document.documentElement.classList.toggle("paper", moment === "beforeprint"));
  }
  function onRestyle(restyle) {
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
    for (const moment of PRINTING) addEventListener(moment, restyle);
  }

  // profiler/pages/base/tables.js
  function sortTables() {
    for (const table of all("table.sortable", HTMLTableElement)) sortable(table);
  }
  function sortable(table) {
    const headings = [...table.tHead?.rows[0].cells ?? []];
    headings.forEach((heading, column) => {
      const first = heading.dataset.sort;
      if (first === void 0) return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const order = nextOrder(heading.getAttribute("aria-sort"), first);
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const groups = [...table.tBodies].map((group) => ({ group, value: valueOf(group.rows[0].cells[column]) }));
        groups.sort((a, b) => sign * compared(a.value, b.value));
        table.append(...groups.map(({ group }) => group));
      });
    });
  }
  function nextOrder(before, first) {
    if (before === null || before === "none") return first;
    return before === "ascending" ? "descending" : "ascending";
  }
  var valueOf = (cell) => cell.dataset.value === void 0 ? cell.textContent.trim() : Number(cell.dataset.value);
  var compared = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  function fold(button, rows) {
    if (!button) return;
    for (const row of rows) row.hidden = true;
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const row of rows) row.hidden = false;
      button.remove();
    });
  }

  // profiler/pages/base/canvas.js
  function contextOf(canvas) {
    const context = canvas.getContext("2d");
    if (!context) throw new TypeError("this canvas draws something else");
    return context;
  }
  var widthAround = (canvas) => canvas.parentElement?.clientWidth ?? 0;
  function cleared(canvas, width, height) {
    const scale = window.devicePixelRatio || 1;
    const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
      canvas.style.height = `${height}px`;
    }
    const context = contextOf(canvas);
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    return context;
  }
  function onceAFrame(draw2) {
    let asked = false;
    return () => {
      if (asked) return;
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        draw2();
      });
    };
  }

  // profiler/pages/base/formats.js
  function fixed(value, digits) {
    const text = value.toFixed(digits);
    const last = Number(text.at(-1));
    const isBetween = value * 2 ** (digits + 1) % 2 === 1;
    return isBetween && last % 2 ? `${text.slice(0, -1)}${last - 1}` : text;
  }
  function significant(value) {
    if (value >= 100) return Number(fixed(value, 0)).toLocaleString("en-US");
    if (value === 0) return "0";
    const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(value))));
    const rounded = fixed(value, digits);
    return Number(rounded) === 0 ? "<\xA00.001" : rounded;
  }
  var asMs = (us) => `${significant(us / 1e3)}\xA0ms`;
  function asTime(us) {
    if (us >= 1e6) return `${significant(us / 1e6)}\xA0s`;
    return us >= 1e3 ? asMs(us) : `${Math.round(us)}\xA0\xB5s`;
  }
  function asPercent(share) {
    const value = share * 100;
    if (value > 0 && value < 0.1) return "<\xA00.1\xA0%";
    return `${fixed(value, value >= 9.95 || value === 0 ? 0 : 1)}\xA0%`;
  }

  // profiler/pages/flame/call_tree.js
  function makeTree(depth, functions) {
    const count = depth.length;
    const parent = new Int32Array(count);
    const end = new Int32Array(count);
    const path = [];
    for (let i = 0; i < count; i++) {
      while (path.length > depth[i]) end[
        /** @type {number} */
        path.pop()
      ] = i;
      parent[i] = depth[i] ? path[depth[i] - 1] : -1;
      path.push(i);
    }
    for (const open of path) end[open] = count;
    return { count, depth: Int32Array.from(depth), functions: Int32Array.from(functions), parent, end };
  }
  function nodeAt(tree, path) {
    let node = -1;
    let [i, end] = [0, tree.count];
    for (const wanted of path) {
      while (i < end && tree.functions[i] !== wanted) i = tree.end[i];
      if (i >= end) return -1;
      node = i;
      end = tree.end[node];
      i = node + 1;
    }
    return node;
  }
  function pathOf(tree, node) {
    const path = [];
    for (let i = node; i >= 0; i = tree.parent[i]) path.unshift(tree.functions[i]);
    return path;
  }
  function childrenIn(tree, node, isShown) {
    const found = [];
    const end = node < 0 ? tree.count : tree.end[node];
    for (let i = node + 1; i < end; i = tree.end[i]) if (isShown(i)) found.push(i);
    return found;
  }
  function stepInTree(key, tree, focused, childrenOf, upwards) {
    if (key === "ArrowUp" || key === "ArrowDown") {
      const inwards = key === "ArrowDown" !== upwards;
      if (inwards) return childrenOf(focused)[0] ?? focused;
      return focused < 0 ? -1 : tree.parent[focused];
    }
    const siblings = focused < 0 ? [-1] : childrenOf(tree.parent[focused]);
    return siblings[siblings.indexOf(focused) + (key === "ArrowRight" ? 1 : -1)] ?? focused;
  }

  // profiler/pages/base/looks.js
  var TEXTURES = {
    "spin-idle": "lines",
    "spin-busy": "lines",
    "spin-join": "lines",
    futex: "dots",
    unknown: "cross",
    blocked: "columns",
    runnable: "rows",
    throttled: "grid",
    io: "dots"
  };
  var styleColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  function rgbOf(hex) {
    const value = parseInt(hex.slice(1), 16);
    return [value >> 16, value >> 8 & 255, value & 255];
  }
  function isInk(texture, x, y) {
    if (texture === "lines") return (x + y) % 8 < 2;
    if (texture === "dots") return x % 4 < 2 && y % 4 < 2 && (x + y) % 8 < 4;
    if (texture === "columns") return x % 4 < 1;
    if (texture === "rows") return y % 4 < 1;
    if (texture === "grid") return x % 8 < 1 || y % 8 < 1;
    if (texture === "cross") return (x + y) % 8 < 1 || (x - y + 8e3) % 8 < 1;
    return false;
  }
  var kindLooks = (kinds) => kinds.map((kind) => makeLook(styleColour(kind), TEXTURES[kind] ?? ""));
  function makeLook(flat, texture) {
    const rgb = rgbOf(flat);
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const context = contextOf(tile);
    context.fillStyle = flat;
    context.fillRect(0, 0, 8, 8);
    context.fillStyle = "#00000030";
    for (let x = 0; x < 8; x++)
      for (let y = 0; y < 8; y++) if (isInk(texture, x, y)) context.fillRect(x, y, 1, 1);
    const luminance = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
    return { flat, rgb, texture, tile, ink: luminance < 110 ? "#fff" : "#000" };
  }
  var patternOf = (context, look) => context.createPattern(look.tile, "repeat") ?? look.flat;

  // profiler/pages/flame/flame_boxes.js
  var ROW = 20;
  var NARROWEST = 0.5;
  var FACE = "12px ui-monospace, 'DejaVu Sans Mono', monospace";
  function layOut({ tree, widths, all: all2, zoomed, upwards = false }, width) {
    const boxes = { node: [], x: [], w: [] };
    const push = (node, x, w) => {
      boxes.node.push(node);
      boxes.x.push(x);
      boxes.w.push(w);
    };
    const above = pathOf(tree, zoomed).length;
    for (let up = zoomed; up >= 0; up = tree.parent[up]) push(up, 0, width);
    const whole = zoomed < 0 ? all2 : widths[zoomed];
    const next = [];
    next[above] = 0;
    let rows = Math.max(1, above);
    const last = zoomed < 0 ? tree.count : tree.end[zoomed];
    for (let i = zoomed + 1; i < last && whole > 0; ) {
      const depth = tree.depth[i];
      const w = widths[i] / whole * width;
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
    const rowOf = (depth) => upwards ? rows - 1 - depth : depth;
    return { ...boxes, y: boxes.node.map((node) => rowOf(tree.depth[node]) * ROW), height: rows * ROW };
  }
  function frameBoxes(canvas) {
    let boxes = { node: [], x: [], y: [], w: [], height: ROW };
    function draw2(shown, style) {
      const width = widthAround(canvas);
      boxes = layOut(shown, width);
      drawBoxes(cleared(canvas, width, boxes.height), boxes, shown, style);
    }
    function at(px, py) {
      const row = Math.floor(py / ROW) * ROW;
      const found = boxes.y.findIndex((y, i) => y === row && px >= boxes.x[i] && px < boxes.x[i] + boxes.w[i]);
      return found < 0 ? -1 : boxes.node[found];
    }
    function boxOf(node) {
      const i = boxes.node.indexOf(node);
      return i < 0 ? null : { x: boxes.x[i], y: boxes.y[i], w: boxes.w[i] };
    }
    return { draw: draw2, at, boxOf };
  }
  function drawBoxes(context, boxes, { tree, zoomed }, style) {
    const { looks, lookOf, matches, textOf, isItalic = () => false, decorate = () => {
    } } = style;
    const patterns = looks.map((look) => patternOf(context, look));
    context.font = FACE;
    context.textBaseline = "middle";
    const letter = context.measureText("m").width;
    const inkColour = styleColour("ink");
    boxes.node.forEach((node, i) => {
      const [x, y, w] = [boxes.x[i], boxes.y[i], boxes.w[i]];
      const look = lookOf(node);
      const faded = matches ? !matches[tree.functions[node]] : node < zoomed;
      context.globalAlpha = faded ? 0.3 : 1;
      context.fillStyle = w < 6 ? looks[look].flat : patterns[look];
      context.fillRect(x, y, w > 2 ? w - 1 : w, ROW - 1);
      if (w < 24) return;
      decorate(context, node, x, y, w);
      const room = Math.floor((w - 8) / letter);
      context.globalAlpha = 1;
      context.fillStyle = faded ? inkColour : looks[look].ink;
      context.font = isItalic(node) ? `italic ${FACE}` : FACE;
      if (room > 1) context.fillText(textOf(node, room), x + 4, y + ROW / 2 - 1);
    });
    context.globalAlpha = 1;
  }

  // profiler/pages/flame/flame_search.js
  var TYPED_INTO = "input:not([type=radio], [type=checkbox]), select, textarea";
  function searchBox(id, state, refresh) {
    const [search, tree] = [element(`${id}-search`, HTMLInputElement), element(`${id}-tree`)];
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
      if (event.key !== "/" || event.target instanceof Element && event.target.closest(TYPED_INTO)) return;
      search.focus();
      event.preventDefault();
    });
    return search;
  }
  function matching({ lowered }, search) {
    const wanted = search.toLowerCase();
    return wanted ? lowered.map((name) => name.includes(wanted)) : null;
  }
  function* outermost(tree, matches) {
    for (let i = 0; i < tree.count; ) {
      if (matches[tree.functions[i]]) {
        yield i;
        i = tree.end[i];
      } else i++;
    }
  }

  // profiler/pages/flame/frame_names.js
  function fitName(name, room) {
    if (name.length <= room) return name;
    const nameless = /^(\[.*\] )?.*\+(0x[0-9a-f]+.*)$/.exec(name);
    if (nameless) {
      const place = `${nameless[1] ?? ""}+${nameless[2].replace(" (function)", "")}`;
      if (place.length <= room) return place;
      return room < 8 ? "" : `${place.slice(0, room - 1)}\u2026`;
    }
    const bare = name.replace(/\(.*\)( const)?$/, "").replace(/<.*>/, "<\u2026>");
    if (bare.length <= room) return bare;
    return name.startsWith("[") || !bare.includes("::") ? `${bare.slice(0, room - 1)}\u2026` : `\u2026${bare.slice(1 - room)}`;
  }
  function partsInWords(names, shareOf, least = 0) {
    return names.map((name, i) => ({ name, share: shareOf(i) })).filter(({ share }) => share > least).sort((a, b) => b.share - a.share).map(({ name, share }) => `${name} ${asPercent(share)}`).join(", ");
  }

  // profiler/pages/flame/profiles.js
  function readProfiles(data2, columns) {
    const { on, off, operators } = data2.flames;
    return {
      on: readProfile(data2, columns, "on", on),
      off: off && readProfile(data2, columns, "off", off),
      operators: operators && readProfile(data2, columns, "operators", operators)
    };
  }
  function readProfile(data2, columns, side, about) {
    const column = (name) => columns[`${side}.${name}`];
    return {
      ...about,
      ...readNames(data2.strings, column("function.name"), column("function.library")),
      ...readTags(column("spent.tag"), about.kinds.length, data2.evidences.length),
      evidences: data2.evidences,
      inlined: Uint8Array.from(column("function.inlined")),
      tree: makeTree(column("tree.depth"), column("tree.function")),
      node: Int32Array.from(summed(column("spent.node"))),
      us: column("spent.us")
    };
  }
  function readNames(strings, names, libraries) {
    const [name, library] = [names, libraries].map((indices) => Array.from(indices, (i) => strings[i]));
    return { name, library, lowered: name.map((one) => one.toLowerCase()) };
  }
  function readTags(tags, kinds, evidences) {
    const [inRequest, evidence, kind] = [0, 1, 2].map(() => new Uint8Array(tags.length));
    const thread = new Int32Array(tags.length);
    tags.forEach((tag, row) => {
      const [pair, verdict] = [Math.floor(tag / 2), Math.floor(tag / 2 / evidences)];
      inRequest[row] = tag % 2;
      evidence[row] = pair % evidences;
      kind[row] = verdict % kinds;
      thread[row] = Math.floor(verdict / kinds);
    });
    return { inRequest, evidence, kind, thread };
  }
  function withoutInlined(profile) {
    const { tree } = profile;
    const functions = [];
    const children = [/* @__PURE__ */ new Map()];
    const place = new Int32Array(tree.count);
    for (let i = 0; i < tree.count; i++) {
      const above = tree.parent[i] < 0 ? -1 : place[tree.parent[i]];
      const name = tree.functions[i];
      place[i] = profile.inlined[name] ? above : children[above + 1].get(name) ?? functions.length;
      if (place[i] < functions.length) continue;
      children[above + 1].set(name, place[i]);
      children.push(/* @__PURE__ */ new Map());
      functions.push(name);
    }
    const { order, depths } = preorder(children);
    const made = makeTree(depths, Array.from(order, (node) => functions[node]));
    const moved = new Int32Array(order.length);
    order.forEach((node, at) => moved[node] = at);
    return { ...profile, tree: made, node: profile.node.map((node) => moved[place[node]]) };
  }
  function preorder(children) {
    const order = [];
    const depths = [];
    const waiting2 = [];
    function wait(parent, depth) {
      for (const child of [...children[parent + 1].values()].reverse()) waiting2.push([child, depth]);
    }
    wait(-1, 0);
    for (let next = waiting2.pop(); next; next = waiting2.pop()) {
      const [node, depth] = next;
      order.push(node);
      depths.push(depth);
      wait(node, depth + 1);
    }
    return { order, depths };
  }

  // profiler/pages/flame/sums.js
  function sumUp(profile, filter) {
    const { tree } = profile;
    const columns = profile.kinds.length + profile.evidences.length;
    const own = new Float64Array(tree.count);
    const ownParts = new Float64Array(tree.count * columns);
    for (let row = 0; row < profile.us.length; row++) {
      if (!filter(row)) continue;
      const [node, us] = [profile.node[row], profile.us[row]];
      own[node] += us;
      ownParts[node * columns + profile.kind[row]] += us;
      ownParts[node * columns + profile.kinds.length + profile.evidence[row]] += us;
    }
    const total = accumulate(tree, own, 1);
    return { all: sumOfRoots(tree, total), own, ownParts, total, parts: accumulate(tree, ownParts, columns), columns };
  }
  function accumulate(tree, own, columns) {
    const total = own.slice();
    for (let i = tree.count - 1; i >= 0; i--) {
      const above = tree.parent[i];
      if (above >= 0) for (let c = 0; c < columns; c++) total[above * columns + c] += total[i * columns + c];
    }
    return total;
  }
  function sumOfRoots(tree, total) {
    let all2 = 0;
    for (let i = 0; i < tree.count; i = tree.end[i]) all2 += total[i];
    return all2;
  }
  function invert(tree, sums, least) {
    const { all: all2, columns, ownParts } = sums;
    const made = { depth: [], functions: [], own: [], total: [], parts: [] };
    function add(at, from, depth) {
      let listed = 0;
      for (const group of grouped(tree, sums, at, from)) {
        if (group.us < all2 * least) break;
        const node = made.depth.length;
        made.depth.push(depth);
        made.functions.push(group.key);
        made.total.push(group.us);
        for (let c = 0; c < columns; c++)
          made.parts.push(group.from.reduce((sum, leaf) => sum + ownParts[leaf * columns + c], 0));
        made.own.push(0);
        made.own[node] = group.us - add(group.at, group.from, depth + 1);
        listed += group.us;
      }
      return listed;
    }
    const leaves = Array.from(sums.own, (_, node) => node).filter((node) => sums.own[node] > 0);
    add(leaves, leaves, 0);
    const { own, total, parts } = made;
    return { tree: makeTree(made.depth, made.functions), sums: { all: all2, own, total, parts, columns } };
  }
  function grouped(tree, sums, at, from) {
    const groups = /* @__PURE__ */ new Map();
    at.forEach((node, i) => {
      if (node < 0) return;
      const key = tree.functions[node];
      const group = groups.get(key) ?? { key, at: [], from: [], us: 0 };
      groups.set(key, group);
      group.at.push(tree.parent[node]);
      group.from.push(from[i]);
      group.us += sums.own[from[i]];
    });
    return [...groups.values()].sort((a, b) => b.us - a.us);
  }
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

  // profiler/pages/flame/flame.js
  var LEAST_INVERTED = 1 / 5e3;
  var sideOf = (text) => text === "off" || text === "operators" ? text : "on";
  var windowOf = (text) => text === "request" || text === "idle" ? text : "";
  function filterOf(profile, state) {
    const hidden = profile.kinds.map((kind) => state.hide.has(kind));
    const wanted = state.window === "request" ? 1 : state.window === "idle" ? 0 : -1;
    const lane = profile.lanes ? state.operator : state.thread;
    return (row) => (lane < 0 || profile.thread[row] === lane) && (wanted < 0 || profile.inRequest[row] === wanted) && !hidden[profile.kind[row]];
  }
  function flameView(profiles, state) {
    const boxes = frameBoxes(element("flame-canvas", HTMLCanvasElement));
    const plain = /* @__PURE__ */ new Map();
    let zoomed = -1;
    let { profile, tree, sums, dominant } = counted();
    let looks = kindLooks(profile.patterns);
    function plainOf(whole) {
      const known2 = plain.get(whole) ?? withoutInlined(whole);
      plain.set(whole, known2);
      return known2;
    }
    function counted() {
      const whole = profiles[state.side] ?? profiles.on;
      const chosen = state.inlined ? whole : plainOf(whole);
      const found = sumUp(chosen, filterOf(chosen, state));
      const graph = state.invert ? invert(chosen.tree, found, LEAST_INVERTED) : { tree: chosen.tree, sums: found };
      return { ...graph, profile: chosen, dominant: dominantKinds(graph.tree, graph.sums, chosen.kinds.length) };
    }
    function rebuild() {
      ({ profile, tree, sums, dominant } = counted());
      restyle();
      zoomed = nodeAt(tree, state.frame);
      if (zoomed >= 0 && !sums.total[zoomed]) zoomed = -1;
    }
    function restyle() {
      looks = kindLooks(profile.patterns);
    }
    function draw2() {
      boxes.draw(
        { tree, widths: sums.total, all: sums.all, zoomed, upwards: state.upwards },
        {
          looks,
          decorate,
          lookOf: (node) => dominant[node],
          matches: matching(profile, state.search),
          textOf: (node, letters) => fitName(nameOf(node), letters),
          isItalic: (node) => profile.inlined[tree.functions[node]] > 0
        }
      );
    }
    function decorate(context, node, x, y, w) {
      const { parts, columns, total } = sums;
      let from = x;
      for (let k = 0; k < profile.kinds.length; k++) {
        const part = parts[node * columns + k] / total[node] * (w - 1);
        if (part >= w - 1.5) return;
        context.fillStyle = looks[k].flat;
        context.fillRect(from, y + ROW - 4, part, 3);
        from += part;
      }
    }
    const nameOf = (node) => profile.name[tree.functions[node]];
    return {
      rebuild,
      restyle,
      draw: draw2,
      nameOf,
      at: boxes.at,
      boxOf: boxes.boxOf,
      profile: () => profile,
      tree: () => tree,
      sums: () => sums,
      /** @param {number} node */
      isShown: (node) => sums.total[node] > 0,
      zoomed: () => zoomed,
      /** @param {number} node */
      setZoom: (node) => {
        zoomed = node;
      }
    };
  }

  // profiler/pages/flame/flame_choices.js
  function flameChoices(profiles, state, { rebuild, turnTo }) {
    const sides = all("input[name=flame-side]", HTMLInputElement);
    const kindSets = all(".flame-kinds", HTMLFieldSetElement);
    const kindBoxes = all(".flame-kinds input", HTMLInputElement);
    for (const radio of sides) radio.addEventListener("change", () => turnTo(sideOf(radio.value)));
    for (const box of kindBoxes)
      box.addEventListener("change", () => {
        if (box.checked) state.hide.delete(box.value);
        else state.hide.add(box.value);
        rebuild();
      });
    function select(id, apply) {
      const control = element(id, HTMLSelectElement);
      control.addEventListener("change", () => {
        apply(control.value);
        rebuild();
      });
      return control;
    }
    function check(id, apply) {
      const control = element(id, HTMLInputElement);
      control.addEventListener("change", () => {
        apply(control.checked);
        rebuild();
      });
      return control;
    }
    const unzoom = () => state.frame = [];
    const operator = profiles.operators && select("flame-operator", (value) => state.operator = Number(value));
    const thread = select("flame-thread", (value) => state.thread = Number(value));
    const time = select("flame-window", (value) => state.window = windowOf(value));
    const inverted = check("flame-invert", (checked) => (unzoom(), state.invert = checked));
    const upwards = check("flame-upwards", (checked) => state.upwards = checked);
    const inlined = check("flame-inlined", (checked) => (unzoom(), state.inlined = checked));
    labelOf(inlined).hidden = !Object.values(profiles).some((profile) => profile?.inlined.some(Boolean));
    function follow() {
      const byLane = Boolean(profiles[state.side]?.lanes);
      for (const radio of sides) radio.checked = radio.value === state.side;
      for (const set of kindSets) set.hidden = set.dataset.side !== state.side;
      for (const box of kindBoxes) box.checked = !state.hide.has(box.value);
      labelOf(thread).hidden = byLane;
      thread.value = String(state.thread);
      if (operator) {
        labelOf(operator).hidden = !byLane;
        operator.value = String(state.operator);
      }
      time.value = state.window;
      inverted.checked = state.invert;
      upwards.checked = state.upwards;
      inlined.checked = state.inlined;
    }
    return { follow };
  }

  // profiler/pages/base/tooltip.js
  function showTip(lines, x, y) {
    const tip = element("tip");
    tip.replaceChildren(
      ...lines.map((line, i) => {
        const part = document.createElement(i ? "div" : "b");
        part.textContent = line;
        return part;
      })
    );
    tip.hidden = false;
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
    tip.style.top = `${y + 18 + height > innerHeight ? Math.max(4, y - height - 12) : y + 18}px`;
  }
  function hideTip() {
    element("tip").hidden = true;
  }

  // profiler/pages/flame/flame_tree.js
  var SPOKEN_CHILDREN = 12;
  function frameTree(id, view, { lines, said, zoom, isUpwards = () => false }) {
    const [tree, spoken, ring] = ["tree", "spoken", "ring"].map((part) => element(`${id}-${part}`));
    const canvas = element(`${id}-canvas`, HTMLCanvasElement);
    let focused = -1;
    const childrenOf = (node) => childrenIn(view.tree(), node, view.isShown);
    function focus(node) {
      focused = node;
      spoken.replaceChildren(...spokenItems(id, view.tree(), focused, childrenOf, said));
      tree.setAttribute("aria-activedescendant", itemId(id, focused));
      place();
    }
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
    const above = (node) => node < 0 ? -1 : view.tree().parent[node];
    tree.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      if (event.key.startsWith("Arrow")) focus(stepInTree(event.key, view.tree(), focused, childrenOf, isUpwards()));
      else if (event.key === "Enter") zoom(focused);
      else if (event.key === "Home") focus(-1);
      else if (event.key === "Escape") zoom(above(view.zoomed()));
      else return;
      event.preventDefault();
    });
    tree.addEventListener("focus", place);
    tree.addEventListener("blur", place);
    const under = (event) => view.at(event.offsetX, event.offsetY);
    canvas.addEventListener("click", (event) => zoom(under(event)));
    canvas.addEventListener("mousemove", (event) => {
      const node = under(event);
      canvas.classList.toggle("pointing", node >= 0);
      if (node < 0) hideTip();
      else showTip(lines(node), event.clientX, event.clientY);
    });
    canvas.addEventListener("mouseleave", hideTip);
    element(`${id}-reset`).addEventListener("click", () => zoom(-1));
    return { focus, place };
  }
  var itemId = (id, node) => `${id}-${node + 1}`;
  function spokenItems(id, tree, focused, childrenOf, textOf) {
    const way = [-1];
    for (let i = focused; i >= 0; i = tree.parent[i]) way.splice(1, 0, i);
    const below = new Map(way.map((node) => [node, childrenOf(node)]));
    return [...way, ...childrenOf(focused).slice(0, SPOKEN_CHILDREN)].map((node) => {
      const item = document.createElement("div");
      const siblings = node < 0 ? [-1] : below.get(tree.parent[node]) ?? [];
      item.id = itemId(id, node);
      item.setAttribute("role", "treeitem");
      item.setAttribute("aria-level", String(node < 0 ? 1 : tree.depth[node] + 2));
      item.setAttribute("aria-setsize", String(siblings.length));
      item.setAttribute("aria-posinset", String(siblings.indexOf(node) + 1));
      item.setAttribute("aria-selected", String(node === focused));
      if ((below.get(node) ?? childrenOf(node)).length) item.setAttribute("aria-expanded", String(below.has(node)));
      item.textContent = textOf(node);
      return item;
    });
  }

  // profiler/pages/flame/flame_controls.js
  function flameGraph(profiles, state, save) {
    const view = flameView(profiles, state);
    const [tree, status, matchedText] = ["flame-tree", "flame-status", "flame-matched"].map((id) => element(id));
    const reset = element("flame-reset", HTMLButtonElement);
    const said = (node) => lines(node).slice(0, 4).join(", ");
    const frames = frameTree("flame", view, { lines, said, zoom, isUpwards: () => state.upwards });
    const search = searchBox("flame", state, refresh);
    const redraw = onceAFrame(() => {
      view.draw();
      frames.place();
    });
    const asSpent = (us) => `${asMs(us)} ${view.profile().time}`;
    function lines(node) {
      const [sums, nodes, profile] = [view.sums(), view.tree(), view.profile()];
      if (node < 0) return [`All of it: ${asSpent(sums.all)}`];
      const part = (from, names) => partsInWords(names, (i) => sums.parts[node * sums.columns + from + i] / sums.total[node]);
      const share = asPercent(sums.total[node] / sums.all);
      return [
        view.nameOf(node),
        profile.library[nodes.functions[node]],
        `${asSpent(sums.total[node])}, ${share} of what is shown; itself ${asMs(sums.own[node])}`,
        part(0, profile.kinds),
        `rests on ${part(profile.kinds.length, profile.evidences)}`
      ];
    }
    function matched() {
      const matches = matching(view.profile(), state.search);
      if (!matches) return "";
      const { all: whole, total } = view.sums();
      let us = 0;
      for (const node of outermost(view.tree(), matches)) us += total[node];
      return `${asPercent(whole ? us / whole : 0)} matched (${asMs(us)})`;
    }
    function shownPart() {
      const { all: whole } = view.sums();
      if (!whole) return "Nothing is left: the filters hide all of it.";
      const zoomed = view.zoomed();
      return zoomed < 0 ? `${asSpent(whole)} shown.` : `Zoomed to ${lines(zoomed).slice(0, 3).join(", ")}.`;
    }
    function zoom(node) {
      view.setZoom(node);
      state.frame = pathOf(view.tree(), node);
      frames.focus(node);
      refresh();
    }
    function refresh() {
      matchedText.textContent = matched();
      reset.disabled = view.zoomed() < 0;
      status.textContent = shownPart();
      save();
      redraw();
    }
    function rebuild() {
      view.rebuild();
      frames.focus(view.zoomed());
      refresh();
      requestAnimationFrame(() => tree.scrollTop = state.upwards ? tree.scrollHeight : 0);
    }
    const choices = flameChoices(profiles, state, { rebuild, turnTo });
    function turnTo(side) {
      state.frame = [];
      state.side = side;
      state.window = side === "off" ? "request" : "";
      if (side !== "operators") state.operator = -1;
      follow();
    }
    function follow() {
      if (!profiles[state.side]) state.side = "on";
      if (!profiles[state.side]?.lanes?.[state.operator]) state.operator = -1;
      search.value = state.search;
      choices.follow();
      rebuild();
    }
    function reveal() {
      tree.focus();
      tree.scrollIntoView({ block: "center" });
    }
    function show(name, library) {
      if (state.side !== "on") turnTo("on");
      const [nodes, { total }] = [view.tree(), view.sums()];
      let best = -1;
      for (let i = 0; i < nodes.count; i++)
        if (view.nameOf(i) === name && view.profile().library[nodes.functions[i]] === library) {
          if (best < 0 || total[i] > total[best]) best = i;
        }
      if (best < 0) return;
      zoom(best);
      reveal();
    }
    function showOperator(name) {
      state.operator = profiles.operators?.lanes?.indexOf(name) ?? -1;
      turnTo("operators");
      reveal();
    }
    return { follow, show, showOperator, redraw, restyle: view.restyle, drawNow: view.draw };
  }

  // profiler/pages/timeline/spans.js
  function readSpans(gaps, lengths) {
    const [begin, end] = [new Float64Array(gaps.length), new Float64Array(gaps.length)];
    let now = 0;
    for (let i = 0; i < gaps.length; i++) {
      begin[i] = now + gaps[i];
      now = end[i] = begin[i] + lengths[i];
    }
    return { begin, end };
  }
  function firstAbove(column, bound) {
    let [low, high] = [0, column.length];
    while (low < high) {
      const middle = low + high >> 1;
      if (column[middle] > bound) high = middle;
      else low = middle + 1;
    }
    return low;
  }
  function spanAt({ begin, end }, us) {
    const i = firstAbove(end, us);
    return i < end.length && begin[i] <= us ? i : -1;
  }

  // profiler/pages/timeline/timeline_scale.js
  var LANE = 30;
  var BAR = LANE - 6;
  var AXIS = 24;
  var GUTTER = 132;
  var FOOT = 18;
  var LEAST = 20;
  var NARROWEST2 = 50;
  var laneTop = (row) => AXIS + row * LANE + 3;
  var laneMiddle = (row) => AXIS + row * LANE + LANE / 2;
  var laneAt = (y) => Math.floor((y - AXIS) / LANE);
  function timeScale(canvasWidth, length) {
    let shown = [0, length];
    const width = () => Math.max(NARROWEST2, canvasWidth() - GUTTER);
    return {
      width,
      shown: () => shown,
      /** @param {number} us */
      xOf: (us) => GUTTER + (us - shown[0]) / (shown[1] - shown[0]) * width(),
      /** @param {number} x */
      usAt: (x) => shown[0] + (x - GUTTER) / width() * (shown[1] - shown[0]),
      /**
       * @param {number} from
       * @param {number} to
       */
      show: (from, to) => {
        const part = Math.min(length, Math.max(LEAST, to - from));
        const begin = Math.max(0, Math.min(length - part, from));
        shown = [begin, begin + part];
      },
      /**
       * The first span in view, and one past the last.
       * @param {Spans} spans
       */
      inView: ({ begin, end }) => [firstAbove(end, shown[0]), firstAbove(begin, shown[1])]
    };
  }
  function tickStep(usPerPixel, room) {
    const least = usPerPixel * room;
    const power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 5].map((factor) => factor * power).find((step) => step >= least) ?? 10 * power;
  }

  // profiler/pages/timeline/timeline_lanes.js
  function threadLanes(lanes, kinds, scale) {
    const plot = document.createElement("canvas");
    let looks = kindLooks(kinds);
    function draw2(context) {
      const width = scale.width();
      const ratio = window.devicePixelRatio || 1;
      const [w, h] = [Math.round(width * ratio), Math.round(BAR * ratio)];
      const image = context.createImageData(w, h);
      const pixels = new Uint32Array(image.data.buffer);
      const ink = looks.map(inksOf);
      const [from, to] = scale.shown();
      plot.width = w;
      plot.height = h;
      lanes.forEach((lane, row) => {
        const cover = coverage(lane, scale.inView(lane), { from, to, columns: w, kinds: kinds.length });
        pixels.fill(0);
        for (let x = 0; x < w; x++) {
          let low = h;
          for (let k = 0; k < kinds.length; k++) {
            const part = cover[x * kinds.length + k];
            if (!part) continue;
            const high = Math.max(0, Math.min(low - 1, Math.round(low - part * h)));
            const { plain, inked, texture } = ink[k];
            for (let y = high; y < low; y++) pixels[y * w + x] = texture && isInk(texture, x, y) ? inked : plain;
            low = high;
            if (!low) break;
          }
        }
        contextOf(plot).putImageData(image, 0, 0);
        context.drawImage(plot, GUTTER, laneTop(row), width, BAR);
      });
    }
    function lines(row, us) {
      const i = spanAt(lanes[row], us);
      return [i < 0 ? "off the CPU, or not sampled" : kinds[lanes[row].kind[i]]];
    }
    return {
      draw: draw2,
      lines,
      restyle: () => {
        looks = kindLooks(kinds);
      }
    };
  }
  function coverage(lane, [first, last], { from, to, columns, kinds }) {
    const cover = new Float32Array(columns * kinds);
    const perUs = columns / (to - from);
    const columnOf = (x) => Math.min(columns - 1, Math.floor(x));
    for (let i = first; i < last; i++) {
      const left = Math.max(0, (lane.begin[i] - from) * perUs);
      const right = Math.min(columns, (lane.end[i] - from) * perUs);
      const [a, b] = [columnOf(left), columnOf(right)];
      const kind = lane.kind[i];
      if (a === b) cover[a * kinds + kind] += right - left;
      else {
        cover[a * kinds + kind] += a + 1 - left;
        for (let x = a + 1; x < b; x++) cover[x * kinds + kind] = 1;
        cover[b * kinds + kind] += right - b;
      }
    }
    return cover;
  }
  function inksOf({ rgb, texture }) {
    const word = (darken) => 255 << 24 | rgb.map((c) => c * darken).reduceRight((sum, c) => sum << 8 | c, 0);
    return { plain: word(1), inked: word(0.78), texture };
  }

  // profiler/pages/timeline/timeline_quota.js
  var HIGHEST = 1.25;
  function quotaStrip(quota, row, scale) {
    function eachInView(spans, drawSpan) {
      const [first, last] = scale.inView(spans);
      for (let i = first; i < last; i++) {
        const [from, to] = [scale.xOf(spans.begin[i]), scale.xOf(spans.end[i])];
        drawSpan(i, from, Math.max(1, to - from));
      }
    }
    function draw2(context) {
      const [top, bottom] = [laneTop(row), laneTop(row) + BAR];
      const [throttled] = kindLooks(["throttled"]);
      context.fillStyle = patternOf(context, throttled);
      eachInView(quota.stopped, (_, x, w) => context.fillRect(x, top, w, BAR));
      context.fillStyle = styleColour("ink");
      eachInView(quota, (i, x, w) => {
        const high = Math.min(HIGHEST, quota.share[i]) / HIGHEST * BAR;
        const wide = w > 3 ? w - 1 : w;
        context.globalAlpha = 0.25;
        context.fillRect(x, bottom - high, wide, high);
        context.globalAlpha = 1;
        context.fillRect(x, bottom - high, wide, Math.min(2, high));
      });
      context.fillRect(GUTTER, Math.round(bottom - BAR / HIGHEST), scale.width(), 1);
    }
    function lines(us) {
      const [period, stopped] = [spanAt(quota, us), spanAt(quota.stopped, us)];
      const said = [];
      if (period < 0) said.push("no period: nothing to run");
      else {
        const used = asMs(quota.share[period] * quota.quota_ms * 1e3);
        const limit = `${used} of ${asMs(quota.quota_ms * 1e3)} used`;
        said.push(`${limit} in a period of ${asTime(quota.end[period] - quota.begin[period])}`);
        if (quota.throttled[period]) said.push("throttled");
      }
      if (stopped >= 0) said.push(`stood still for ${asTime(quota.stopped.end[stopped] - quota.stopped.begin[stopped])}`);
      return said;
    }
    return { draw: draw2, lines };
  }

  // profiler/pages/timeline/timeline_wakes.js
  var MOST_ARROWS = 60;
  var ARROWS_WITHIN = 1e6;
  function wakeArrows(wakes, threads, scale) {
    function inView() {
      const [from, to] = scale.shown();
      return to - from > ARROWS_WITHIN ? [0, 0] : [firstAbove(wakes.at, from), firstAbove(wakes.at, to)];
    }
    function shown() {
      const [first, last] = inView();
      return last - first > MOST_ARROWS ? [] : Array.from({ length: last - first }, (_, i) => first + i);
    }
    const arrowOf = (i) => ({
      x: scale.xOf(wakes.at[i]),
      y: laneMiddle(wakes.from[i]),
      toX: scale.xOf(wakes.at[i] + wakes.delay[i]),
      toY: laneMiddle(wakes.to[i])
    });
    function draw2(context) {
      for (const i of shown()) drawArrow(context, arrowOf(i));
    }
    const at = (px, py) => shown().find((i) => distance(arrowOf(i), px, py) < 4) ?? -1;
    function lines(i) {
      return [
        `${threads[wakes.from[i]].label} woke ${threads[wakes.to[i]].label}`,
        `at ${asTime(wakes.at[i])}`,
        `which ran ${asTime(wakes.delay[i])} later`
      ];
    }
    function said() {
      const [first, last] = inView();
      if (first === last) return "";
      const counted = `${last - first} wake-up${last - first === 1 ? "" : "s"}`;
      return `${counted}${last - first > MOST_ARROWS ? ": zoom in for their arrows" : ""}.`;
    }
    return { draw: draw2, at, lines, said };
  }
  function drawArrow(context, { x, y, toX, toY }) {
    const turn = Math.atan2(toY - y, toX - x);
    const barb = (angle) => context.lineTo(toX - 8 * Math.cos(turn + angle), toY - 8 * Math.sin(turn + angle));
    for (const { colour, wide } of [{ colour: "paper", wide: 4 }, { colour: "ink", wide: 1.5 }]) {
      context.strokeStyle = context.fillStyle = styleColour(colour);
      context.lineWidth = wide;
      context.beginPath();
      context.moveTo(x, y);
      context.lineTo(toX, toY);
      context.stroke();
      context.beginPath();
      context.moveTo(toX, toY);
      barb(0.4);
      barb(-0.4);
      context.closePath();
      if (wide < 2) context.fill();
      context.stroke();
    }
  }
  function distance({ x, y, toX, toY }, px, py) {
    const [dx, dy] = [toX - x, toY - y];
    const along = Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)));
    return Math.hypot(px - x - along * dx, py - y - along * dy);
  }

  // profiler/pages/timeline/timeline.js
  var FACE2 = "12px system-ui, 'DejaVu Sans', sans-serif";
  function timelineView(timeline, threads, kinds) {
    const canvas = element("timeline-canvas", HTMLCanvasElement);
    const { requests } = timeline;
    const ends = requests.map((one) => one.end);
    const scale = timeScale(() => widthAround(canvas), timeline.us);
    const lanes = threadLanes(timeline.lanes, kinds, scale);
    const wakes = timeline.wakes && wakeArrows(timeline.wakes, threads, scale);
    const quota = timeline.quota && quotaStrip(timeline.quota, threads.length, scale);
    const labels = [...threads.map((thread) => thread.label), ...quota ? ["CPU quota"] : []];
    const height = AXIS + LANE * labels.length + FOOT;
    function drawRequests(context) {
      const [band, edge] = [styleColour("band"), styleColour("soft")];
      const [begin, last] = scale.shown();
      for (let i = firstAbove(ends, begin); i < requests.length && requests[i].scheduled < last; i++) {
        const { scheduled, start, end } = requests[i];
        const [late, from, to] = [scheduled, start, end].map((us) => Math.max(GUTTER, scale.xOf(us)));
        const w = Math.max(1, to - from);
        context.fillStyle = band;
        context.fillRect(from, AXIS - 6, w, height - AXIS + 6);
        if (from - late > 2) {
          context.strokeStyle = edge;
          context.setLineDash([2, 2]);
          context.strokeRect(late + 0.5, AXIS - 5.5, from - late, 5);
          context.setLineDash([]);
        }
        context.fillStyle = edge;
        context.fillRect(from, AXIS - 6, w, 2);
        if (w > 110) context.fillText(`request ${i + 1}, ${asTime(end - scheduled)}`, from + 4, height - FOOT / 2);
      }
    }
    function drawAxis(context) {
      const [from, to] = scale.shown();
      const width = scale.width();
      const step = tickStep((to - from) / width, 90);
      const unit = to >= 1e6 ? 1e6 : 1e3;
      const digits = Math.max(0, Math.ceil(Math.log10(unit / step)));
      context.fillStyle = styleColour("soft");
      for (let us = Math.ceil(from / step) * step; us <= to; us += step) {
        const x = scale.xOf(us);
        context.fillRect(x, AXIS - 8, 1, 4);
        const text = `${(us / unit).toFixed(digits)} ${unit === 1e6 ? "s" : "ms"}`;
        context.fillText(text, Math.min(x, GUTTER + width - context.measureText(text).width), 9);
      }
    }
    function draw2() {
      const width = scale.width();
      const context = cleared(canvas, width + GUTTER, height);
      context.font = FACE2;
      context.textBaseline = "middle";
      context.save();
      context.beginPath();
      context.rect(GUTTER, 0, width, height);
      context.clip();
      drawRequests(context);
      context.fillStyle = styleColour("line");
      threads.forEach((_, row) => context.fillRect(GUTTER, laneTop(row) + BAR, width, 1));
      lanes.draw(context);
      quota?.draw(context);
      wakes?.draw(context);
      drawAxis(context);
      context.restore();
      context.fillStyle = styleColour("ink");
      labels.forEach((label, row) => context.fillText(shortLabel(context, label), 0, laneMiddle(row), GUTTER - 8));
    }
    const requestAt = (us) => requests.findIndex((one) => us >= one.scheduled && us <= one.end);
    function aboutRequest(which, us) {
      const { scheduled, start, end } = requests[which];
      return `in request ${which + 1}: ${asTime(end - scheduled)}${us < start ? ", not started yet" : ""}`;
    }
    function lines(x, y) {
      if (x < GUTTER) return [];
      const [us, row] = [scale.usAt(x), laneAt(y)];
      const request = requestAt(us);
      const inRequest = request < 0 ? [] : [aboutRequest(request, us)];
      const outside = request < 0 ? ["no request in flight"] : inRequest;
      const wake = wakes ? wakes.at(x, y) : -1;
      if (wakes && wake >= 0) return [...wakes.lines(wake), ...outside];
      if (quota && row === threads.length) return ["CPU quota", `at ${asTime(us)}`, ...quota.lines(us), ...inRequest];
      if (threads[row]) return [threads[row].label, `at ${asTime(us)}`, ...lanes.lines(row, us), ...outside];
      return request < 0 ? [] : [`Request ${request + 1}`, `at ${asTime(us)}`, ...inRequest];
    }
    return { draw: draw2, lines, requestAt, scale, restyle: lanes.restyle, wakesSaid: () => wakes?.said() ?? "" };
  }
  function shortLabel(context, label) {
    let text = label;
    while (text.length > 4 && context.measureText(text).width > GUTTER - 10) text = `${text.slice(0, -2)}\u2026`;
    return text;
  }

  // profiler/pages/timeline/timeline_pointer.js
  var STILL = 4;
  function followPointer(canvas, { lines, requestAt, scale }, { show, pan, zoom, showRequest }) {
    let grabbed = null;
    canvas.addEventListener("pointerdown", (event) => {
      grabbed = { x: event.offsetX, shown: scale.shown(), moved: false };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (grabbed) {
        const far = event.offsetX - grabbed.x;
        if (!grabbed.moved && Math.abs(far) < STILL) return;
        grabbed.moved = true;
        const [from, to] = grabbed.shown;
        const us = -far * (to - from) / scale.width();
        show(from + us, to + us);
        return;
      }
      const said = lines(event.offsetX, event.offsetY);
      if (said.length) showTip(said, event.clientX, event.clientY);
      else hideTip();
    });
    canvas.addEventListener("pointerup", (event) => {
      const clicked = grabbed && !grabbed.moved;
      grabbed = null;
      if (!clicked) return;
      const request = requestAt(scale.usAt(event.offsetX));
      if (request >= 0) showRequest(request);
    });
    canvas.addEventListener("pointerleave", hideTip);
    canvas.addEventListener("dblclick", (event) => zoom(0.25, event.offsetX));
    canvas.addEventListener(
      "wheel",
      (event) => {
        const [sideways, down] = event.shiftKey ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
        const [from, to] = scale.shown();
        if (event.ctrlKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, event.offsetX);
        else if (Math.abs(sideways) > Math.abs(down)) pan(sideways * (to - from) / scale.width());
        else return;
        event.preventDefault();
      },
      { passive: false }
    );
  }

  // profiler/pages/timeline/timeline_controls.js
  function threadTimeline(timeline, threads, kinds, state, save) {
    const view = timelineView(timeline, threads, kinds);
    const { scale } = view;
    const status = element("timeline-status");
    const wholeButton = element("timeline-whole", HTMLButtonElement);
    const redraw = onceAFrame(view.draw);
    const count = timeline.requests.length;
    function shownPart() {
      const [from, to] = scale.shown();
      const part = `${asTime(to - from)} from ${asTime(from)}`;
      if (state.request >= 0) {
        const { scheduled, start, end } = timeline.requests[state.request];
        const late = start - scheduled > 500 ? `, of which ${asTime(start - scheduled)} before it started` : "";
        return `Request ${state.request + 1} of ${count}: ${asTime(end - scheduled)}${late}. Showing ${part}.`;
      }
      return from === 0 && to === timeline.us ? `The whole phase: ${asTime(to)}.` : `Showing ${part}.`;
    }
    function length() {
      const [from, to] = scale.shown();
      return to - from;
    }
    function refresh() {
      status.textContent = `${shownPart()} ${view.wakesSaid()}`.trim();
      wholeButton.disabled = length() >= timeline.us;
      save();
      redraw();
    }
    function show(from, to) {
      scale.show(from, to);
      state.request = -1;
      state.time = length() >= timeline.us ? null : scale.shown();
      refresh();
    }
    function zoom(factor, x) {
      const [from, to] = scale.shown();
      const middle = x === void 0 ? (from + to) / 2 : scale.usAt(x);
      show(middle - (middle - from) * factor, middle + (to - middle) * factor);
    }
    function pan(us) {
      const [from, to] = scale.shown();
      show(from + us, to + us);
    }
    function showRequest(which) {
      if (!count) return;
      state.request = Math.max(0, Math.min(count - 1, which));
      const { scheduled, end } = timeline.requests[state.request];
      const latency = end - scheduled;
      scale.show(scheduled - 0.15 * latency, end + Math.max(latency, timeline.tail * 1.25));
      refresh();
    }
    function nextRequest(step) {
      if (state.request >= 0) return showRequest(state.request + step);
      const [from] = scale.shown();
      const after = timeline.requests.findIndex((one) => one.start >= from);
      if (step > 0) return showRequest(after < 0 ? count - 1 : after);
      return showRequest((after < 0 ? count : after) - 1);
    }
    const whole = () => show(0, timeline.us);
    wholeButton.addEventListener("click", whole);
    element("timeline-in").addEventListener("click", () => zoom(0.5));
    element("timeline-out").addEventListener("click", () => zoom(2));
    element("timeline-previous").addEventListener("click", () => nextRequest(-1));
    element("timeline-next").addEventListener("click", () => nextRequest(1));
    const byKey = {
      ArrowLeft: () => pan(-length() / 5),
      ArrowRight: () => pan(length() / 5),
      ArrowUp: () => zoom(0.5),
      ArrowDown: () => zoom(2),
      "+": () => zoom(0.5),
      "-": () => zoom(2),
      n: () => nextRequest(1),
      p: () => nextRequest(-1),
      Enter: () => nextRequest(1),
      Home: () => show(0, length()),
      End: () => show(timeline.us - length(), timeline.us),
      Escape: whole
    };
    element("timeline-area").addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.altKey || event.metaKey || !byKey[event.key]) return;
      byKey[event.key]();
      event.preventDefault();
    });
    followPointer(element("timeline-canvas", HTMLCanvasElement), view, { show, pan, zoom, showRequest });
    function follow() {
      if (state.request >= 0 && state.request < count) showRequest(state.request);
      else if (state.time) show(state.time[0], state.time[1]);
      else whole();
    }
    return { follow, redraw, restyle: view.restyle, drawNow: view.draw };
  }

  // profiler/pages/timeline/timeline_data.js
  function readTimeline(data2, columns) {
    return {
      us: data2.phase_us,
      tail: data2.tail_us,
      lanes: data2.threads.map((_, lane) => readLane(columns, lane, data2.kinds.length)),
      requests: readRequests(columns),
      wakes: data2.wakes ? readWakes(columns, data2.threads.length) : null,
      quota: data2.quota ? readQuota(data2.quota, columns) : null
    };
  }
  function readLane(columns, lane, kinds) {
    const spans = columns[`lane.${lane}.span`];
    const times = readSpans(columns[`lane.${lane}.gap`], spans.map((span) => Math.floor(span / kinds)));
    return { ...times, kind: Uint8Array.from(spans, (span) => span % kinds) };
  }
  function readRequests(columns) {
    const [late, span] = [columns["request.late"], columns["request.span"]];
    return Array.from(summed(columns["request.start"]), (start, i) => ({
      scheduled: start - late[i],
      start,
      end: start + span[i]
    }));
  }
  function readWakes(columns, threads) {
    const pairs = columns["wake.threads"];
    return {
      at: summed(columns["wake.at"]),
      delay: columns["wake.delay"],
      from: pairs.map((pair) => Math.floor(pair / threads)),
      to: pairs.map((pair) => pair % threads)
    };
  }
  function readQuota(about, columns) {
    const used = columns["quota.used"];
    return {
      ...about,
      ...readSpans(columns["quota.gap"], columns["quota.span"]),
      share: used.map((one) => Math.floor(one / 2) / 1e3),
      throttled: used.map((one) => one % 2),
      stopped: readSpans(columns["stopped.gap"], columns["stopped.span"])
    };
  }

  // profiler/pages/run/hot_functions.js
  function hotFunctions(profile, filter) {
    const { tree } = profile;
    const sums = sumUp(profile, filter);
    const rows = /* @__PURE__ */ new Map();
    for (let node = 0; node < tree.count; node++) {
      if (!sums.total[node]) continue;
      const key = tree.functions[node];
      const row = rows.get(key) ?? { key, self: 0, total: 0, parts: profile.kinds.map(() => 0) };
      rows.set(key, row);
      row.self += sums.own[node];
      let above = tree.parent[node];
      while (above >= 0 && tree.functions[above] !== key) above = tree.parent[above];
      if (above >= 0) continue;
      row.total += sums.total[node];
      for (let k = 0; k < row.parts.length; k++) row.parts[k] += sums.parts[node * sums.columns + k];
    }
    return { spent: sums.all, rows: [...rows.values()].sort((a, b) => b.self - a.self || b.total - a.total) };
  }

  // profiler/pages/run/operators.js
  var HOT_ROWS = 25;
  function showHotOfOperator(profile, state) {
    const shown = state.side === "operators";
    element("hot-of-operator").hidden = !shown;
    element("hot-of-all").hidden = shown;
    if (!shown) return;
    const { spent, rows } = hotFunctions(profile, filterOf(profile, state));
    const lane = profile.lanes?.[state.operator] ?? "all operators, and between them";
    element("hot-of-operator-what").textContent = `Of ${asMs(spent)} CPU shown in the flame graph: ${lane}.`;
    const [body] = all("#hot-of-operator tbody", HTMLTableSectionElement);
    body.replaceChildren(...rows.slice(0, HOT_ROWS).map((row) => hotRow(profile, row, spent)));
  }
  function hotRow(profile, row, spent) {
    const line = document.createElement("tr");
    for (const share of [row.self, row.total]) {
      const cell = line.insertCell();
      cell.className = "n";
      cell.textContent = asPercent(share / spent);
    }
    const [name, library] = [profile.name[row.key], profile.library[row.key]];
    const code = document.createElement("code");
    code.textContent = name.includes(library) ? name : `${name} `;
    const small = document.createElement("small");
    small.textContent = name.includes(library) ? "" : library;
    line.insertCell().append(code, small);
    const kind = profile.kinds[row.parts.indexOf(Math.max(...row.parts))];
    const last = line.insertCell();
    last.className = "kind";
    last.append(swatch(kind), ` ${kind}`);
    return line;
  }
  function swatch(kind) {
    const [svg, rect] = ["svg", "rect"].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
    svg.setAttribute("class", "swatch");
    svg.setAttribute("aria-hidden", "true");
    rect.setAttribute("class", `k-${kind}`);
    rect.setAttribute("width", "14");
    rect.setAttribute("height", "14");
    svg.append(rect);
    return svg;
  }

  // profiler/pages/run/state.js
  var WRITE_AFTER_MS = 100;
  function readState(fragment) {
    const given = new URLSearchParams(fragment.slice(1));
    const text = (name) => given.get(name) ?? "";
    const whole = (name) => /^\d+$/.test(text(name)) ? Number(text(name)) : -1;
    const time = /^(\d+)-(\d+)$/.exec(text("time"))?.slice(1).map(Number) ?? [0, 0];
    return {
      side: sideOf(text("cpu")),
      operator: whole("operator"),
      frame: text("frame").split(".").filter((part) => /^\d+$/.test(part)).map(Number),
      invert: text("invert") === "1",
      upwards: text("graph") === "flame",
      inlined: text("inlined") !== "0",
      thread: whole("thread"),
      window: windowOf(text("window")),
      hide: new Set(text("hide").split(".").filter(Boolean)),
      search: text("search"),
      request: whole("request"),
      time: time[1] > time[0] ? time : null
    };
  }
  function fragmentOf(state) {
    const parts = new URLSearchParams();
    if (state.side !== "on") parts.set("cpu", state.side);
    if (state.operator >= 0) parts.set("operator", String(state.operator));
    if (state.frame.length) parts.set("frame", state.frame.join("."));
    if (state.invert) parts.set("invert", "1");
    if (state.upwards) parts.set("graph", "flame");
    if (!state.inlined) parts.set("inlined", "0");
    if (state.thread >= 0) parts.set("thread", String(state.thread));
    if (state.window) parts.set("window", state.window);
    if (state.hide.size) parts.set("hide", [...state.hide].join("."));
    if (state.search) parts.set("search", state.search);
    if (state.request >= 0) parts.set("request", String(state.request));
    else if (state.time) parts.set("time", state.time.map(Math.round).join("-"));
    return parts.toString();
  }
  var waiting;
  function writeState(state) {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      const fragment = fragmentOf(state);
      history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
    }, WRITE_AFTER_MS);
  }

  // profiler/pages/run/main.js
  async function draw(data2) {
    const columns = await readColumns(data2.columns);
    const profiles = readProfiles(data2, columns);
    const state = readState(location.hash);
    const save = () => {
      writeState(state);
      if (profiles.operators) showHotOfOperator(profiles.operators, state);
    };
    for (const note of all(".unscripted", HTMLElement)) note.hidden = true;
    element("flame-graph").hidden = false;
    element("timeline").hidden = false;
    const graph = flameGraph(profiles, state, save);
    const timeline = threadTimeline(readTimeline(data2, columns), data2.threads, data2.kinds, state, save);
    const parts = [graph, timeline];
    const follow = () => parts.forEach((part) => part.follow());
    follow();
    addEventListener("hashchange", () => {
      Object.assign(state, readState(location.hash));
      follow();
    });
    for (const button of all("button[data-function]", HTMLButtonElement)) {
      const { function: name = "", library = "" } = button.dataset;
      button.hidden = false;
      button.addEventListener("click", () => graph.show(name, library));
    }
    for (const button of all("button[data-operator]", HTMLButtonElement)) {
      button.hidden = !profiles.operators;
      button.addEventListener("click", () => graph.showOperator(button.dataset.operator ?? ""));
    }
    addEventListener("resize", () => parts.forEach((part) => part.redraw()));
    onRestyle(() => parts.forEach((part) => (part.restyle(), part.drawNow())));
  }
  sortTables();
  for (const table of ["hot", "operators"])
    fold(document.getElementById(`${table}-more`), all(`table.${table} > tbody.more`, HTMLElement));
  whitenPaper();
  var data = (
    /** @type {RunData | null} */
    pageData()
  );
  if (data) draw(data);
})();
