// The timeline's data (profiler/report/timeline.py), times in microseconds from the phase's begin.

// Spans from the gaps before them and their lengths.
function readSpans(gaps, lengths) {
  const [begin, end] = [new Float64Array(gaps.length), new Float64Array(gaps.length)];
  let now = 0;
  for (let i = 0; i < gaps.length; i++) {
    begin[i] = now + gaps[i];
    now = end[i] = begin[i] + lengths[i];
  }
  return { begin, end };
}

function readTimeline(data, columns) {
  const kinds = data.kinds.length;
  const lanes = data.threads.map((_, lane) => {
    const spans = columns[`lane.${lane}.span`];
    const times = readSpans(columns[`lane.${lane}.gap`], spans.map((span) => Math.floor(span / kinds)));
    return { ...times, kind: Uint8Array.from(spans, (span) => span % kinds) };
  });
  const [late, span] = [columns["request.late"], columns["request.span"]];
  const requests = Array.from(summed(columns["request.start"]), (start, i) => ({
    scheduled: start - late[i],
    start,
    end: start + span[i],
  }));
  return {
    us: data.phase_us, tail: data.tail_us, lanes, requests,
    wakes: data.wakes ? readWakes(columns, data.threads.length) : null,
    quota: data.quota ? readQuota(data.quota, columns) : null,
  };
}

function readWakes(columns, threads) {
  const pairs = columns["wake.threads"];
  return {
    at: summed(columns["wake.at"]),
    delay: columns["wake.delay"],
    from: pairs.map((pair) => Math.floor(pair / threads)),
    to: pairs.map((pair) => pair % threads),
  };
}

function readQuota(about, columns) {
  const used = columns["quota.used"];
  return {
    ...about,
    ...readSpans(columns["quota.gap"], columns["quota.span"]),
    share: used.map((one) => Math.floor(one / 2) / 1000),
    throttled: used.map((one) => one % 2),
    stopped: readSpans(columns["stopped.gap"], columns["stopped.span"]),
  };
}

// The first index whose value in a rising column is above a bound.
function firstAbove(column, bound) {
  let [low, high] = [0, column.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle] > bound) high = middle;
    else low = middle + 1;
  }
  return low;
}

// The span at an instant, or -1.
function spanAt({ begin, end }, us) {
  const i = firstAbove(end, us);
  return i < end.length && begin[i] <= us ? i : -1;
}
