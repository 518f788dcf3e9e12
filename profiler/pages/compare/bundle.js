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
  function pageData() {
    const text = document.getElementById("data")?.textContent;
    return text ? JSON.parse(text) : null;
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

  // profiler/pages/flame/profiles.js
  function readNames(strings, names, libraries) {
    const [name, library] = [names, libraries].map((indices) => Array.from(indices, (i) => strings[i]));
    return { name, library, lowered: name.map((one) => one.toLowerCase()) };
  }

  // profiler/pages/flame/sums.js
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

  // profiler/pages/compare/both_sides.js
  async function readBothSides({ kinds, patterns, strings, columns: packed }) {
    const columns = await readColumns(packed);
    const tags = columns["spent.tag"];
    return {
      kinds,
      patterns,
      ...readNames(strings, columns["function.name"], columns["function.library"]),
      tree: makeTree(columns["tree.depth"], columns["tree.function"]),
      node: Int32Array.from(summed(columns["spent.node"])),
      kind: Uint8Array.from(tags, (tag) => tag >> 1),
      inRequest: Uint8Array.from(tags, (tag) => tag & 1),
      spent: [columns["spent.before"], columns["spent.after"]]
    };
  }
  function sumBothSides({ tree, kinds, node, kind, inRequest, spent }, window2) {
    const sides = spent.map((ns) => {
      const own = new Float64Array(tree.count);
      const ownParts = new Float64Array(tree.count * kinds.length);
      for (let row = 0; row < node.length; row++) {
        if (window2 !== "" && window2 === "request" !== (inRequest[row] === 1)) continue;
        own[node[row]] += ns[row];
        ownParts[node[row] * kinds.length + kind[row]] += ns[row];
      }
      return { total: accumulate(tree, own, 1), parts: accumulate(tree, ownParts, kinds.length) };
    });
    return {
      total: sides.map((side) => side.total),
      parts: sides.map((side) => side.parts),
      all: sides.map((side) => sumOfRoots(tree, side.total))
    };
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
  function asPercent(share) {
    const value = share * 100;
    if (value > 0 && value < 0.1) return "<\xA00.1\xA0%";
    return `${fixed(value, value >= 9.95 || value === 0 ? 0 : 1)}\xA0%`;
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

  // profiler/pages/flame/flame.js
  var LEAST_INVERTED = 1 / 5e3;
  var windowOf = (text) => text === "request" || text === "idle" ? text : "";

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

  // profiler/pages/compare/difference.js
  var SIDES_SHOWN = { before: [0], after: [1], difference: [0, 1] };
  var CHANGE_STEPS = 8;
  function changeLooks() {
    const [same, grows, shrinks] = ["same", "grows", "shrinks"].map((name) => rgbOf(styleColour(name)));
    const looks = [];
    for (let step = -CHANGE_STEPS; step <= CHANGE_STEPS; step++) {
      const part = Math.abs(step) / CHANGE_STEPS;
      const rgb = same.map((from, i) => Math.round(from + ((step < 0 ? shrinks : grows)[i] - from) * part));
      const hex = `#${rgb.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
      looks.push(makeLook(hex, Math.abs(step) < 2 ? "" : step < 0 ? "dots" : "lines"));
    }
    return looks;
  }
  var changeOf = (before, after) => before + after ? (after - before) / (before + after) : 0;
  function differenceView(graphs, state) {
    const boxes = frameBoxes(element("difference-canvas", HTMLCanvasElement));
    let { graph, sums, widths, all: all2, dominant } = counted();
    let looks = currentLooks();
    function counted() {
      const chosen = graphs[state.graph];
      if (!chosen) throw new RangeError(`there is no graph ${state.graph}`);
      const { tree, kinds } = chosen;
      const found = sumBothSides(chosen, state.window);
      const shown = SIDES_SHOWN[state.mode];
      const add = (sides) => sides[0].map((_, i) => shown.reduce((sum, side) => sum + sides[side][i], 0));
      return {
        graph: chosen,
        sums: found,
        widths: add(found.total),
        all: shown.reduce((sum, side) => sum + found.all[side], 0),
        dominant: dominantKinds(tree, { parts: add(found.parts), columns: kinds.length }, kinds.length)
      };
    }
    function currentLooks() {
      return state.mode === "difference" ? changeLooks() : kindLooks(graph.patterns);
    }
    function rebuild() {
      ({ graph, sums, widths, all: all2, dominant } = counted());
      restyle();
    }
    function restyle() {
      looks = currentLooks();
    }
    const nameOf = (node) => graph.name[graph.tree.functions[node]];
    const changeAt = (node) => changeOf(sums.total[0][node], sums.total[1][node]);
    function signedName(node, letters) {
      if (letters < 4) return "";
      const change = changeAt(node);
      const sign = Math.abs(change) < 1 / CHANGE_STEPS ? "=" : change > 0 ? "\u25B2" : "\u25BC";
      return `${sign} ${fitName(nameOf(node), letters - 2)}`;
    }
    function draw2() {
      const differs = state.mode === "difference";
      boxes.draw(
        { tree: graph.tree, widths, all: all2, zoomed: state.zoomed },
        {
          looks,
          lookOf: (node) => differs ? Math.round(changeAt(node) * CHANGE_STEPS) + CHANGE_STEPS : dominant[node],
          matches: matching(graph, state.search),
          textOf: differs ? signedName : (node, letters) => fitName(nameOf(node), letters)
        }
      );
    }
    return {
      rebuild,
      restyle,
      draw: draw2,
      nameOf,
      at: boxes.at,
      boxOf: boxes.boxOf,
      graph: () => graph,
      tree: () => graph.tree,
      sums: () => sums,
      /** @param {number} node */
      isShown: (node) => widths[node] > 0,
      isAny: () => all2 > 0,
      zoomed: () => state.zoomed
    };
  }

  // profiler/pages/compare/difference_controls.js
  var LEAST_PART = 5e-3;
  function differenceGraph(graphs, labels) {
    const state = { graph: "on", mode: "difference", window: "", search: "", zoomed: -1 };
    const [legend, status, matchedText] = ["legend", "status", "matched"].map((part) => element(`difference-${part}`));
    const reset = element("difference-reset", HTMLButtonElement);
    const windowSelect = element("difference-window", HTMLSelectElement);
    const kindLists = all(".difference-kinds", HTMLElement);
    const [chosen] = all('input[name="difference-graph"]:checked', HTMLInputElement);
    choose(graphOf(chosen.value));
    const view = differenceView(graphs, state);
    const said = (node) => lines(node).join(", ");
    const frames = frameTree("difference", view, { lines, said, zoom });
    searchBox("difference", state, refresh);
    const draw2 = () => {
      view.draw();
      frames.place();
    };
    const redraw = onceAFrame(draw2);
    function kindsOf(node, side) {
      const { kinds } = view.graph();
      const { parts, total } = view.sums();
      return partsInWords(kinds, (k) => parts[side][node * kinds.length + k] / total[side][node], LEAST_PART);
    }
    function lines(node) {
      const sums = view.sums();
      const both = node < 0 ? sums.all : sums.total.map((total) => total[node]);
      const sides = labels.map((label, side) => {
        const kinds = node >= 0 && both[side] ? `: ${kindsOf(node, side)}` : "";
        return `${label} ${asMsOf(both[side])}${kinds}`;
      });
      if (node < 0) return ["All of it", ...sides, changed(both)];
      return [view.nameOf(node), view.graph().library[view.tree().functions[node]], changed(both), ...sides];
    }
    function matched() {
      const matches = matching(view.graph(), state.search);
      if (!matches) return "";
      const { total } = view.sums();
      const sum = [0, 0];
      for (const node of outermost(view.tree(), matches)) for (const side of [0, 1]) sum[side] += total[side][node];
      return `matched: ${asMsOf(sum[0])} \u2192 ${asMsOf(sum[1])}, ${changed(sum)}`;
    }
    function refresh() {
      matchedText.textContent = matched();
      reset.disabled = state.zoomed < 0;
      status.textContent = view.isAny() ? `${state.zoomed < 0 ? "" : "Zoomed to "}${lines(state.zoomed).join("; ")}.` : "Nothing is left here.";
      redraw();
    }
    function zoom(node) {
      state.zoomed = node;
      frames.focus(node);
      refresh();
    }
    function rebuild() {
      view.rebuild();
      if (state.zoomed >= 0 && !view.isShown(state.zoomed)) state.zoomed = -1;
      frames.focus(state.zoomed);
      legend.hidden = state.mode !== "difference";
      for (const list of kindLists) list.hidden = state.mode === "difference" || list.dataset.graph !== state.graph;
      refresh();
    }
    function choose(graph) {
      state.graph = graph;
      state.zoomed = -1;
      state.window = graph === "off" ? "request" : "";
      windowSelect.value = state.window;
    }
    function choice(name, apply) {
      for (const input of all(`input[name="difference-${name}"]`, HTMLInputElement))
        input.addEventListener("change", () => (apply(input.value), rebuild()));
    }
    choice("mode", (mode) => state.mode = modeOf(mode));
    choice("graph", (graph) => choose(graphOf(graph)));
    windowSelect.addEventListener("change", () => {
      state.window = windowOf(windowSelect.value);
      rebuild();
    });
    rebuild();
    return { redraw, restyle: () => (view.restyle(), draw2()) };
  }
  var asMsOf = (ns) => asMs(ns / 1e3);
  var modeOf = (text) => text === "before" || text === "after" ? text : "difference";
  var graphOf = (text) => text === "off" ? "off" : "on";
  function changed([before, after]) {
    const sign = after < before ? "\u2212" : "+";
    const share = before && after ? `, ${sign}${asPercent(Math.abs(after / before - 1))}` : "";
    return `${sign}${asMsOf(Math.abs(after - before))} a request${share}`;
  }

  // profiler/pages/compare/compare.js
  async function draw({ labels, graphs: { on, off } }) {
    const graphs = { on: on && await readBothSides(on), off: off && await readBothSides(off) };
    for (const note of all(".unscripted", HTMLElement)) note.hidden = true;
    element("difference").hidden = false;
    const graph = differenceGraph(graphs, labels);
    addEventListener("resize", graph.redraw);
    onRestyle(graph.restyle);
  }
  whitenPaper();
  var data = (
    /** @type {ComparisonData | null} */
    pageData()
  );
  if (data) draw(data);
})();
