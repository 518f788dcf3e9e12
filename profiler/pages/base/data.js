// The page's data (profiler/report/flame.py and timeline.py): columns packed by columns.py, and the tree.

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
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    value += (byte & 127) * unit; // not <<: numbers pass 32 bits
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
  const read = async ([name, text]) => [name, await readColumn(text)];
  return Object.fromEntries(await Promise.all(Object.entries(packed).map(read)));
}

function summed(values) {
  for (let i = 1; i < values.length; i++) values[i] += values[i - 1];
  return values;
}

// Nodes in preorder: `parent`, and `end`, one past a node's last descendant.
function makeTree(depth, functions) {
  const count = depth.length;
  const parent = new Int32Array(count);
  const end = new Int32Array(count);
  const path = [];
  for (let i = 0; i < count; i++) {
    while (path.length > depth[i]) end[path.pop()] = i;
    parent[i] = depth[i] ? path[depth[i] - 1] : -1;
    path.push(i);
  }
  while (path.length) end[path.pop()] = count;
  return { count, depth: Int32Array.from(depth), functions: Int32Array.from(functions), parent, end };
}

// One of the page's flame graphs: `on` the CPU, `off` it, or `operators`, whose "threads" are its lanes.
function readGraph(data, columns, side) {
  const about = data.flames[side];
  const column = (name) => columns[`${side}.${name}`];
  const [kinds, evidences] = [about.kinds.length, data.evidences.length];
  const tags = column("spent.tag");
  const [inRequest, evidence, kind] = [0, 1, 2].map(() => new Uint8Array(tags.length));
  const thread = new Int32Array(tags.length);
  for (let row = 0; row < tags.length; row++) {
    const [pair, verdict] = [Math.floor(tags[row] / 2), Math.floor(tags[row] / 2 / evidences)];
    inRequest[row] = tags[row] % 2;
    evidence[row] = pair % evidences;
    kind[row] = verdict % kinds;
    thread[row] = Math.floor(verdict / kinds);
  }
  const stringsAt = (indices) => Array.from(indices, (i) => data.strings[i]);
  const name = stringsAt(column("function.name"));
  return {
    ...about,
    evidences: data.evidences,
    name,
    lowered: name.map((one) => one.toLowerCase()),
    library: stringsAt(column("function.library")),
    inlined: Uint8Array.from(column("function.inlined")),
    tree: makeTree(column("tree.depth"), column("tree.function")),
    node: Int32Array.from(summed(column("spent.node"))),
    us: column("spent.us"),
    inRequest, evidence, kind, thread,
  };
}

// The same graph without inlined functions: their time is that of the function that holds them.
function withoutInlined(profile) {
  const { tree } = profile;
  const kept = { functions: [], children: [new Map()] }; // node n's children at n + 1, the roots' at 0
  const place = new Int32Array(tree.count); // where each node went, -1 for nowhere
  for (let i = 0; i < tree.count; i++) {
    const above = tree.parent[i] < 0 ? -1 : place[tree.parent[i]];
    place[i] = above;
    const name = tree.functions[i];
    if (profile.inlined[name]) continue;
    const siblings = kept.children[above + 1];
    if (!siblings.has(name)) {
      siblings.set(name, kept.functions.length);
      kept.functions.push(name);
      kept.children.push(new Map());
    }
    place[i] = siblings.get(name);
  }
  // Calls that were apart are one now, so preorder is made anew.
  const order = new Int32Array(kept.functions.length);
  const [depths, functions] = [[], []];
  const waiting = [...kept.children[0].values()].reverse().map((node) => [node, 0]);
  while (waiting.length) {
    const [node, depth] = waiting.pop();
    order[node] = depths.length;
    depths.push(depth);
    functions.push(kept.functions[node]);
    for (const child of [...kept.children[node + 1].values()].reverse()) waiting.push([child, depth + 1]);
  }
  return { ...profile, tree: makeTree(depths, functions), node: profile.node.map((node) => order[place[node]]) };
}

// Microseconds at nodes (`own`) and below (`total`), and by kind, then evidence, below (`parts`).
function sumUp(profile, tree, filter) {
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
  return { own, ownParts, ...accumulate(tree, own, ownParts, columns) };
}

function accumulate(tree, own, ownParts, columns) {
  const total = own.slice();
  const parts = ownParts.slice();
  let all = 0;
  for (let i = tree.count - 1; i >= 0; i--) {
    const above = tree.parent[i];
    if (above < 0) all += total[i];
    else {
      total[above] += total[i];
      for (let c = 0; c < columns; c++) parts[above * columns + c] += parts[i * columns + c];
    }
  }
  return { all, total, parts, columns };
}

// Callers of each function, from the innermost outwards; what is below `least` of all is left out.
function invert(tree, sums, least) {
  const { columns, ownParts } = sums;
  const made = { depth: [], functions: [], own: [], total: [], parts: [] };
  const limit = sums.all * least;
  function add(at, from, depth) {
    const groups = new Map();
    for (let i = 0; i < at.length; i++) {
      if (at[i] < 0) continue;
      const key = tree.functions[at[i]];
      let group = groups.get(key);
      if (!group) groups.set(key, (group = { key, at: [], from: [], us: 0 }));
      group.at.push(tree.parent[at[i]]);
      group.from.push(from[i]);
      group.us += sums.own[from[i]];
    }
    let listed = 0;
    for (const group of [...groups.values()].sort((a, b) => b.us - a.us)) {
      if (group.us < limit) break;
      const node = made.depth.length;
      made.depth.push(depth);
      made.functions.push(group.key);
      made.total.push(group.us);
      for (let c = 0; c < columns; c++) {
        let sum = 0;
        for (const leaf of group.from) sum += ownParts[leaf * columns + c];
        made.parts.push(sum);
      }
      made.own.push(0);
      made.own[node] = group.us - add(group.at, group.from, depth + 1);
      listed += group.us;
    }
    return listed;
  }
  const leaves = [];
  for (let i = 0; i < tree.count; i++) if (sums.own[i] > 0) leaves.push(i);
  add(leaves, leaves, 0);
  return {
    tree: makeTree(made.depth, made.functions),
    sums: { all: sums.all, own: made.own, total: made.total, parts: Float64Array.from(made.parts), columns },
  };
}

// The node at a path of functions from a root, or -1.
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
