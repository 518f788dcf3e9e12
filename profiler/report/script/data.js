// The tree of call chains (profiler/report/flame.py), with what was spent below each node.
function readTree(data) {
  const { depth, function: functions } = data.tree;
  const count = depth.length;
  const parent = new Int32Array(count);
  const end = new Int32Array(count); // one past a node's last descendant
  const path = [];
  for (let i = 0; i < count; i++) {
    while (path.length > depth[i]) end[path.pop()] = i;
    parent[i] = depth[i] ? path[depth[i] - 1] : -1;
    path.push(i);
  }
  while (path.length) end[path.pop()] = count;
  return { count, depth, functions, parent, end };
}

// CPU microseconds at and below each node: in all, and by kind.
function sumUp(tree, spent, kinds) {
  const total = new Float64Array(tree.count);
  const own = new Float64Array(tree.count);
  const byKind = new Float64Array(tree.count * kinds);
  spent.node.forEach((node, row) => {
    own[node] += spent.us[row];
    byKind[node * kinds + spent.kind[row]] += spent.us[row];
  });
  let all = 0;
  for (let i = tree.count - 1; i >= 0; i--) {
    total[i] += own[i];
    const above = tree.parent[i];
    if (above < 0) all += total[i];
    else {
      total[above] += total[i];
      for (let k = 0; k < kinds; k++) byKind[above * kinds + k] += byKind[i * kinds + k];
    }
  }
  return { all, total, own, byKind };
}
