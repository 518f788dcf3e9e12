// A CPU limit's strip below the lanes: each period's use of the quota, hatched where the process stood still.

function quotaStrip(quota, row, scale) {
  function eachInView(spans, draw) {
    const [first, last] = scale.inView(spans);
    for (let i = first; i < last; i++) {
      const [from, to] = [scale.xOf(spans.begin[i]), scale.xOf(spans.end[i])];
      draw(i, from, Math.max(1, to - from));
    }
  }

  // Up to the line it is the period's own; what is above it was borrowed from other periods.
  function draw(context) {
    const [top, tall] = [laneTop(row), BAR];
    const most = 1.25;
    context.fillStyle = context.createPattern(kindLooks(["throttled"])[0].tile, "repeat");
    eachInView(quota.stopped, (_, x, w) => context.fillRect(x, top, w, tall));
    context.fillStyle = styleColour("ink");
    eachInView(quota, (i, x, w) => {
      const high = (Math.min(most, quota.share[i]) / most) * tall;
      const wide = w > 3 ? w - 1 : w;
      context.globalAlpha = 0.25;
      context.fillRect(x, top + tall - high, wide, high);
      context.globalAlpha = 1;
      context.fillRect(x, top + tall - high, wide, Math.min(2, high));
    });
    context.fillRect(GUTTER, Math.round(top + tall - tall / most), scale.width(), 1);
  }

  function lines(us) {
    const [period, stopped] = [spanAt(quota, us), spanAt(quota.stopped, us)];
    const said = [];
    if (period < 0) said.push("no period: nothing to run");
    else {
      const used = asMs(quota.share[period] * quota.quota_ms * 1000);
      const limit = `${used} of ${asMs(quota.quota_ms * 1000)} used`;
      said.push(`${limit} in a period of ${asTime(quota.end[period] - quota.begin[period])}`);
      if (quota.throttled[period]) said.push("throttled");
    }
    if (stopped >= 0) said.push(`stood still for ${asTime(quota.stopped.end[stopped] - quota.stopped.begin[stopped])}`);
    return said;
  }

  return { draw, lines };
}
