// Wake-ups: an arrow from the thread that woke another, at that instant, to when the other ran.
const MOST_ARROWS = 60; // in view: more would hide the lanes
const ARROWS_WITHIN = 1e6; // microseconds: in a longer view a wake-up is a line and no arrow

function wakeArrows(wakes, threads, scale) {
  // The first wake-up in view and one past the last; none where the view is too long for arrows.
  function inView() {
    const [from, to] = scale.shown();
    return to - from > ARROWS_WITHIN ? [0, 0] : [firstAbove(wakes.at, from), firstAbove(wakes.at, to)];
  }

  // Those whose arrows are drawn.
  function shown() {
    const [first, last] = inView();
    return last - first > MOST_ARROWS ? [] : Array.from({ length: last - first }, (_, i) => first + i);
  }

  const arrowOf = (i) => ({
    x: scale.xOf(wakes.at[i]), y: laneMiddle(wakes.from[i]),
    toX: scale.xOf(wakes.at[i] + wakes.delay[i]), toY: laneMiddle(wakes.to[i]),
  });

  function draw(context) {
    for (const i of shown()) {
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
  function at(px, py) {
    const near = ({ x, y, toX, toY }) => {
      const [dx, dy] = [toX - x, toY - y];
      const along = Math.max(0, Math.min(1, ((px - x) * dx + (py - y) * dy) / (dx * dx + dy * dy)));
      return Math.hypot(px - x - along * dx, py - y - along * dy) < 4;
    };
    return shown().find((i) => near(arrowOf(i))) ?? -1;
  }

  function lines(i) {
    const label = (row) => threads[row].label;
    return [
      `${label(wakes.from[i])} woke ${label(wakes.to[i])}`,
      `at ${asTime(wakes.at[i])}`,
      `which ran ${asTime(wakes.delay[i])} later`,
    ];
  }

  // How many there are in view, for those who don't see them.
  function said() {
    const [first, last] = inView();
    if (first === last) return "";
    const counted = `${last - first} wake-up${last - first === 1 ? "" : "s"}`;
    return `${counted}${last - first > MOST_ARROWS ? ": zoom in for their arrows" : ""}.`;
  }

  return { draw, at, lines, said };
}
