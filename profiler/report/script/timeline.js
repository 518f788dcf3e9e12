// The thread timeline: layout and drawing. timeline_controls.js adds what a reader can do with it.
const LANE = 30;
const AXIS = 24;
const GUTTER = 132;
const FOOT = 18; // under the lanes, for the names of requests
const MOST_ARROWS = 60; // wake-ups in view: more would hide the lanes
const ARROWS_WITHIN = 1e6; // microseconds: in a longer view a wake-up is a line and no arrow

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

// Round distances for an axis: the smallest step of 1, 2 or 5 that gives ticks at least `room` pixels apart.
function tickStep(usPerPixel, room) {
  const least = usPerPixel * room;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
}

function timelineView(timeline, threads, kinds) {
  const canvas = element("timeline-canvas");
  const plot = document.createElement("canvas");
  const ends = timeline.requests.map((one) => one.end); // rising, but for requests that overlap
  let looks = kindLooks(kinds);
  let shown = [0, timeline.us];
  const { quota, wakes } = timeline;
  const height = AXIS + LANE * (timeline.lanes.length + (quota ? 1 : 0)) + FOOT;

  const plotWidth = () => Math.max(50, canvas.parentElement.clientWidth - GUTTER);
  const xOf = (us) => GUTTER + ((us - shown[0]) / (shown[1] - shown[0])) * plotWidth();
  const usAt = (x) => shown[0] + ((x - GUTTER) / plotWidth()) * (shown[1] - shown[0]);

  // How much of each pixel column each kind takes.
  function coverage(lane, width, cover) {
    cover.fill(0);
    const scale = width / (shown[1] - shown[0]);
    const last = firstAbove(lane.begin, shown[1]);
    for (let i = firstAbove(lane.end, shown[0]); i < last; i++) {
      const from = Math.max(0, (lane.begin[i] - shown[0]) * scale);
      const to = Math.min(width, (lane.end[i] - shown[0]) * scale);
      const [a, b] = [Math.floor(from), Math.min(width - 1, Math.floor(to))];
      const base = lane.kind[i];
      if (a === b) cover[a * kinds.length + base] += to - from;
      else {
        cover[a * kinds.length + base] += a + 1 - from;
        for (let x = a + 1; x < b; x++) cover[x * kinds.length + base] = 1;
        cover[b * kinds.length + base] += to - b;
      }
    }
  }

  // Each lane as a stack of kinds, as high as the share of the pixel's time that the thread ran.
  function drawActivity(context, width) {
    const scale = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * scale), Math.round((LANE - 6) * scale)];
    const image = context.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    const cover = new Float32Array(w * kinds.length);
    const ink = looks.map(({ rgb, texture }) => {
      const word = (darken) => (255 << 24) | (rgb.map((c) => c * darken).reduceRight((sum, c) => (sum << 8) | c, 0));
      return { plain: word(1), inked: word(0.78), texture };
    });
    plot.width = w;
    plot.height = h;
    timeline.lanes.forEach((lane, row) => {
      coverage(lane, w, cover);
      pixels.fill(0);
      for (let x = 0; x < w; x++) {
        let from = h;
        for (let k = 0; k < kinds.length; k++) {
          const part = cover[x * kinds.length + k];
          if (!part) continue;
          const to = Math.max(0, Math.min(from - 1, Math.round(from - part * h)));
          const { plain, inked, texture } = ink[k];
          for (let y = to; y < from; y++) pixels[y * w + x] = texture && isInk(texture, x, y) ? inked : plain;
          from = to;
          if (!from) break;
        }
      }
      plot.getContext("2d").putImageData(image, 0, 0);
      context.drawImage(plot, GUTTER, AXIS + row * LANE + 3, width, LANE - 6);
    });
  }

  function drawRequests(context) {
    const band = styleColour("band");
    const edge = styleColour("soft");
    const first = firstAbove(ends, shown[0]);
    for (let i = first; i < timeline.requests.length && timeline.requests[i].scheduled < shown[1]; i++) {
      const { scheduled, start, end } = timeline.requests[i];
      const [late, from, to] = [scheduled, start, end].map((us) => Math.max(GUTTER, xOf(us)));
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

  // Each period's use of the quota, up to the line; what is above it was borrowed from other periods.
  function drawQuota(context, width) {
    const top = AXIS + timeline.lanes.length * LANE + 3;
    const tall = LANE - 6;
    const most = 1.25;
    const hatch = context.createPattern(kindLooks(["throttled"])[0].tile, "repeat");
    const visible = ({ begin, end }, draw) => {
      const last = firstAbove(begin, shown[1]);
      for (let i = firstAbove(end, shown[0]); i < last; i++) {
        const [from, to] = [xOf(begin[i]), xOf(end[i])];
        draw(i, from, Math.max(1, to - from));
      }
    };
    context.fillStyle = hatch;
    visible(quota.stopped, (_, x, w) => context.fillRect(x, top, w, tall));
    context.fillStyle = styleColour("ink");
    visible(quota, (i, x, w) => {
      const high = (Math.min(most, quota.share[i]) / most) * tall;
      const wide = w > 3 ? w - 1 : w;
      context.globalAlpha = 0.25;
      context.fillRect(x, top + tall - high, wide, high);
      context.globalAlpha = 1;
      context.fillRect(x, top + tall - high, wide, Math.min(2, high));
    });
    context.fillRect(GUTTER, Math.round(top + tall - tall / most), width, 1);
  }

  // The first wake-up in view and one past the last; none where the view is too long for arrows.
  function wakesInView() {
    if (!wakes || shown[1] - shown[0] > ARROWS_WITHIN) return [0, 0];
    return [firstAbove(wakes.at, shown[0]), firstAbove(wakes.at, shown[1])];
  }

  // Those whose arrows are drawn.
  function arrows() {
    const [first, last] = wakesInView();
    return last - first > MOST_ARROWS ? [] : Array.from({ length: last - first }, (_, i) => first + i);
  }

  function arrowOf(i) {
    const middle = (row) => AXIS + row * LANE + LANE / 2;
    return {
      x: xOf(wakes.at[i]), y: middle(wakes.from[i]),
      toX: xOf(wakes.at[i] + wakes.delay[i]), toY: middle(wakes.to[i]),
    };
  }

  function drawArrows(context) {
    for (const i of arrows()) {
      const { x, y, toX, toY } = arrowOf(i);
      const turn = Math.atan2(toY - y, toX - x);
      const barb = (angle) => context.lineTo(toX - 8 * Math.cos(turn + angle), toY - 8 * Math.sin(turn + angle));
      // On every colour: a dark line with a light edge.
      for (const [colour, wide] of [["paper", 4], ["ink", 1.5]]) {
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
  }

  // The arrow at a place, or -1.
  function arrowAt(px, py) {
    const near = ({ x, y, toX, toY }) => {
      const [dx, dy] = [toX - x, toY - y];
      const along = Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)));
      return Math.hypot(px - x - along * dx, py - y - along * dy) < 4;
    };
    return arrows().find((i) => near(arrowOf(i))) ?? -1;
  }

  function drawAxis(context, width) {
    const step = tickStep((shown[1] - shown[0]) / width, 90);
    const unit = shown[1] >= 1e6 ? 1e6 : 1e3;
    const digits = Math.max(0, Math.ceil(Math.log10(unit / step)));
    context.fillStyle = styleColour("soft");
    for (let us = Math.ceil(shown[0] / step) * step; us <= shown[1]; us += step) {
      const x = xOf(us);
      context.fillRect(x, AXIS - 8, 1, 4);
      const text = `${(us / unit).toFixed(digits)} ${unit === 1e6 ? "s" : "ms"}`;
      context.fillText(text, Math.min(x, GUTTER + width - context.measureText(text).width), 9);
    }
  }

  function draw() {
    const width = plotWidth();
    const context = contextOf(canvas, width + GUTTER, height);
    context.font = "12px system-ui, 'DejaVu Sans', sans-serif";
    context.textBaseline = "middle";
    context.save();
    context.beginPath();
    context.rect(GUTTER, 0, width, height);
    context.clip();
    drawRequests(context);
    context.fillStyle = styleColour("line");
    timeline.lanes.forEach((_, row) => context.fillRect(GUTTER, AXIS + (row + 1) * LANE - 3, width, 1));
    drawActivity(context, width);
    if (quota) drawQuota(context, width);
    drawArrows(context);
    drawAxis(context, width);
    context.restore();
    context.fillStyle = styleColour("ink");
    const labels = [...threads.map((thread) => thread.label), ...(quota ? ["CPU quota"] : [])];
    labels.forEach((label, row) =>
      context.fillText(shortLabel(context, label), 0, AXIS + row * LANE + LANE / 2, GUTTER - 8),
    );
  }

  function shortLabel(context, label) {
    let text = label;
    while (text.length > 4 && context.measureText(text).width > GUTTER - 10) text = `${text.slice(0, -2)}…`;
    return text;
  }

  function at(x, y) {
    const [us, row] = [usAt(x), Math.floor((y - AXIS) / LANE)];
    const lane = timeline.lanes[row];
    const spanAt = ({ begin, end }) => {
      const i = firstAbove(end, us);
      return i < end.length && begin[i] <= us ? i : -1;
    };
    const request = timeline.requests.findIndex((one) => us >= one.scheduled && us <= one.end);
    let kind = -1;
    if (lane) {
      const i = spanAt(lane);
      if (i >= 0) kind = lane.kind[i];
    }
    const inQuota = quota !== null && row === timeline.lanes.length;
    return {
      us, row: lane ? row : -1, kind, request,
      wake: arrowAt(x, y),
      inQuota,
      period: inQuota ? spanAt(quota) : -1,
      stopped: inQuota ? spanAt(quota.stopped) : -1,
    };
  }

  return {
    draw, at, usAt, plotWidth, wakesInView,
    shown: () => shown,
    show: (from, to) => {
      const least = 20; // microseconds
      const length = Math.min(timeline.us, Math.max(least, to - from));
      const begin = Math.max(0, Math.min(timeline.us - length, from));
      shown = [begin, begin + length];
    },
    restyle: () => {
      looks = kindLooks(kinds);
    },
  };
}
