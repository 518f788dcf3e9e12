// What every part needs: elements, colours, numbers, canvases, the tooltip.
const element = (id) => document.getElementById(id);
const darkScheme = matchMedia("(prefers-color-scheme: dark)");

const styleColour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

function rgbOf(hex) {
  const value = parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

// Three significant digits, as profiler/report/formats.py writes them.
function significant(value) {
  if (value >= 100) return Math.round(value).toLocaleString("en-US");
  if (value === 0) return "0";
  const digits = Math.min(3, Math.max(0, 2 - Math.floor(Math.log10(value))));
  const rounded = value.toFixed(digits);
  return Number(rounded) === 0 ? "<\u00a00.001" : rounded;
}
const asMs = (us) => `${significant(us / 1000)}\u00a0ms`;
const asTime = (us) => (us >= 1e6 ? `${significant(us / 1e6)}\u00a0s` : us >= 1000 ? asMs(us) : `${Math.round(us)}\u00a0µs`);
function asPercent(share) {
  if (share > 0 && share < 0.001) return "<\u00a00.1\u00a0%";
  return `${(share * 100).toFixed(share >= 0.0995 || share === 0 ? 0 : 1)}\u00a0%`;
}

// Match a canvas to its size on the screen; return a context that draws in CSS pixels.
function contextOf(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  const [w, h] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  if (canvas.width !== w || canvas.height !== h) {
    canvas.width = w;
    canvas.height = h;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}

// What a kind looks like: a colour, and a texture that says the same without colour (report.css, _patterns).
const TEXTURES = {
  "spin-idle": "lines", "spin-busy": "lines", "spin-join": "lines", futex: "dots", unknown: "cross",
  blocked: "columns", runnable: "rows", throttled: "grid", io: "dots",
};

function isInk(texture, x, y) {
  if (texture === "lines") return (x + y) % 8 < 2;
  if (texture === "dots") return x % 4 < 2 && y % 4 < 2 && (x + y) % 8 < 4;
  if (texture === "columns") return x % 4 < 1;
  if (texture === "rows") return y % 4 < 1;
  if (texture === "grid") return x % 8 < 1 || y % 8 < 1;
  if (texture === "cross") return (x + y) % 8 < 1 || (x - y + 8000) % 8 < 1;
  return false;
}

const kindLooks = (kinds) => kinds.map((kind) => look(styleColour(kind), TEXTURES[kind]));

function look(flat, texture) {
  const rgb = rgbOf(flat);
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const context = tile.getContext("2d");
  context.fillStyle = flat;
  context.fillRect(0, 0, 8, 8);
  context.fillStyle = "#00000030";
  for (let x = 0; x < 8; x++)
    for (let y = 0; y < 8; y++) if (isInk(texture, x, y)) context.fillRect(x, y, 1, 1);
  const luminance = 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  return { flat, rgb, texture, tile, ink: luminance < 110 ? "#fff" : "#000" };
}

// One tooltip for the page: lines of text at the pointer. The first line is a heading.
function showTip(lines, x, y) {
  const tip = element("tip");
  tip.replaceChildren(
    ...lines.map((line, i) => {
      const part = document.createElement(i ? "div" : "b");
      part.textContent = line;
      return part;
    }),
  );
  tip.hidden = false;
  const { offsetWidth: width, offsetHeight: height } = tip;
  tip.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
  tip.style.top = `${y + 18 + height > innerHeight ? Math.max(4, y - height - 12) : y + 18}px`;
}
const hideTip = () => {
  element("tip").hidden = true;
};

// Draw once a frame, however often it is asked for.
function onceAFrame(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  };
}
