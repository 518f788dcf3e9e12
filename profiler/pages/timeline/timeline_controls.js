// Zoom, pan, requests one by one, keyboard.
function threadTimeline(timeline, threads, kinds, state, save) {
  const view = timelineView(timeline, threads, kinds);
  const { scale } = view;
  const area = element("timeline-area");
  const canvas = element("timeline-canvas");
  const status = element("timeline-status");
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

  function refresh() {
    status.textContent = `${shownPart()} ${view.wakesSaid()}`.trim();
    element("timeline-whole").disabled = scale.shown()[1] - scale.shown()[0] >= timeline.us;
    save();
    redraw();
  }

  function show(from, to) {
    scale.show(from, to);
    const [begin, end] = scale.shown();
    state.request = -1;
    state.time = end - begin >= timeline.us ? null : [begin, end];
    refresh();
  }

  function zoom(factor, x) {
    const [from, to] = scale.shown();
    const middle = x === undefined ? (from + to) / 2 : scale.usAt(x);
    show(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }
  const pan = (us) => show(scale.shown()[0] + us, scale.shown()[1] + us);

  // A request with the idle spin after it.
  function showRequest(which) {
    if (!count) return;
    state.request = Math.max(0, Math.min(count - 1, which));
    const { scheduled, end } = timeline.requests[state.request];
    const length = end - scheduled;
    scale.show(scheduled - 0.15 * length, end + Math.max(length, timeline.tail * 1.25));
    refresh();
  }
  function nextRequest(step) {
    if (state.request >= 0) return showRequest(state.request + step);
    const from = scale.shown()[0];
    const after = timeline.requests.findIndex((one) => one.start >= from);
    return showRequest(step > 0 ? (after < 0 ? count - 1 : after) : (after < 0 ? count : after) - 1);
  }
  const whole = () => show(0, timeline.us);

  element("timeline-whole").addEventListener("click", whole);
  element("timeline-in").addEventListener("click", () => zoom(0.5));
  element("timeline-out").addEventListener("click", () => zoom(2));
  element("timeline-previous").addEventListener("click", () => nextRequest(-1));
  element("timeline-next").addEventListener("click", () => nextRequest(1));

  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const length = scale.shown()[1] - scale.shown()[0];
    const actions = {
      ArrowLeft: () => pan(-length / 5),
      ArrowRight: () => pan(length / 5),
      ArrowUp: () => zoom(0.5),
      ArrowDown: () => zoom(2),
      "+": () => zoom(0.5),
      "-": () => zoom(2),
      n: () => nextRequest(1),
      p: () => nextRequest(-1),
      Enter: () => nextRequest(1),
      Home: () => show(0, length),
      End: () => show(timeline.us - length, timeline.us),
      Escape: whole,
    };
    if (!actions[event.key]) return;
    actions[event.key]();
    event.preventDefault();
  });

  let grabbed = null;
  canvas.addEventListener("pointerdown", (event) => {
    grabbed = { x: event.offsetX, shown: scale.shown(), moved: false };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (grabbed) {
      const far = event.offsetX - grabbed.x;
      if (!grabbed.moved && Math.abs(far) < 4) return;
      grabbed.moved = true;
      const [from, to] = grabbed.shown;
      const us = (-far * (to - from)) / scale.width();
      show(from + us, to + us);
      return;
    }
    const lines = view.lines(event.offsetX, event.offsetY);
    if (lines.length) showTip(lines, event.clientX, event.clientY);
    else hideTip();
  });
  canvas.addEventListener("pointerup", (event) => {
    const clicked = grabbed && !grabbed.moved;
    grabbed = null;
    if (!clicked) return;
    const request = view.requestAt(scale.usAt(event.offsetX));
    if (request >= 0) showRequest(request);
  });
  canvas.addEventListener("pointerleave", hideTip);
  canvas.addEventListener("dblclick", (event) => zoom(0.25, event.offsetX));
  canvas.addEventListener(
    "wheel",
    (event) => {
      const sideways = event.shiftKey ? event.deltaY : event.deltaX;
      if (event.ctrlKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, event.offsetX);
      else if (Math.abs(sideways) > Math.abs(event.shiftKey ? 0 : event.deltaY))
        pan((sideways * (scale.shown()[1] - scale.shown()[0])) / scale.width());
      else return; // the page scrolls
      event.preventDefault();
    },
    { passive: false },
  );

  function follow() {
    if (state.request >= 0 && state.request < count) showRequest(state.request);
    else if (state.time) show(...state.time);
    else whole();
  }
  return { follow, redraw, restyle: view.restyle, drawNow: view.draw, show };
}
