// What every part needs: elements, colours, numbers.
const element = (id) => document.getElementById(id);
const dark = matchMedia("(prefers-color-scheme: dark)");

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const significant = (value) =>
  value >= 100 ? Math.round(value).toLocaleString("en-US") : value >= 10 ? value.toFixed(1) : value.toFixed(2);
const asMs = (us) => `${significant(us / 1000)}\u00a0ms`;
const asPercent = (share) =>
  share > 0 && share < 0.001 ? "<\u00a00.1\u00a0%" : `${(share * 100).toFixed(share >= 0.0995 ? 0 : 1)}\u00a0%`;

// Match a canvas to its size on the screen; returns a context that draws in CSS pixels.
function contextOf(canvas, height) {
  const scale = window.devicePixelRatio || 1;
  const width = canvas.clientWidth;
  canvas.style.height = `${height}px`;
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  context.clearRect(0, 0, width, height);
  return context;
}
