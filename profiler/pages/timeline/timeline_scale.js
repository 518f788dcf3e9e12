// Where the timeline's parts are: names on the left, an axis above, a lane for each thread and one for the quota.
const LANE = 30;
const BAR = LANE - 6; // what is drawn of a lane
const AXIS = 24;
const GUTTER = 132;
const FOOT = 18; // under the lanes, for the names of requests
const LEAST = 20; // microseconds in view

const laneTop = (row) => AXIS + row * LANE + 3;
const laneMiddle = (row) => AXIS + row * LANE + LANE / 2;
const laneAt = (y) => Math.floor((y - AXIS) / LANE);

// The part of the phase that is in view, on the canvas.
function timeScale(canvas, length) {
  let shown = [0, length];
  const width = () => Math.max(50, canvas.parentElement.clientWidth - GUTTER);
  return {
    width,
    shown: () => shown,
    xOf: (us) => GUTTER + ((us - shown[0]) / (shown[1] - shown[0])) * width(),
    usAt: (x) => shown[0] + ((x - GUTTER) / width()) * (shown[1] - shown[0]),
    show: (from, to) => {
      const part = Math.min(length, Math.max(LEAST, to - from));
      const begin = Math.max(0, Math.min(length - part, from));
      shown = [begin, begin + part];
    },
    // The first span in view, and one past the last.
    inView: ({ begin, end }) => [firstAbove(end, shown[0]), firstAbove(begin, shown[1])],
  };
}

// Round distances for an axis: the smallest step of 1, 2 or 5 that gives ticks at least `room` pixels apart.
function tickStep(usPerPixel, room) {
  const least = usPerPixel * room;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
}
