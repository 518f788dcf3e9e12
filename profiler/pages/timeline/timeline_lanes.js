// Each thread's lane: what it did, as a stack of kinds as high as the share of a pixel's time that it ran.

function threadLanes(lanes, kinds, scale) {
  const plot = document.createElement("canvas");
  let looks = kindLooks(kinds);

  // How much of each pixel column each kind takes.
  function coverage(lane, width, cover) {
    cover.fill(0);
    const [from, to] = scale.shown();
    const perUs = width / (to - from);
    const [first, last] = scale.inView(lane);
    for (let i = first; i < last; i++) {
      const left = Math.max(0, (lane.begin[i] - from) * perUs);
      const right = Math.min(width, (lane.end[i] - from) * perUs);
      const [a, b] = [Math.floor(left), Math.min(width - 1, Math.floor(right))];
      const kind = lane.kind[i];
      if (a === b) cover[a * kinds.length + kind] += right - left;
      else {
        cover[a * kinds.length + kind] += a + 1 - left;
        for (let x = a + 1; x < b; x++) cover[x * kinds.length + kind] = 1;
        cover[b * kinds.length + kind] += right - b;
      }
    }
  }

  // Colours as pixels of an image have them, plain and where the texture has ink.
  function inks() {
    return looks.map(({ rgb, texture }) => {
      const word = (darken) => (255 << 24) | (rgb.map((c) => c * darken).reduceRight((sum, c) => (sum << 8) | c, 0));
      return { plain: word(1), inked: word(0.78), texture };
    });
  }

  function draw(context) {
    const width = scale.width();
    const ratio = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * ratio), Math.round(BAR * ratio)];
    const image = context.createImageData(w, h);
    const pixels = new Uint32Array(image.data.buffer);
    const cover = new Float32Array(w * kinds.length);
    const ink = inks();
    plot.width = w;
    plot.height = h;
    lanes.forEach((lane, row) => {
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
      context.drawImage(plot, GUTTER, laneTop(row), width, BAR);
    });
  }

  function lines(row, us) {
    const i = spanAt(lanes[row], us);
    return [i < 0 ? "off the CPU, or not sampled" : kinds[lanes[row].kind[i]]];
  }

  return {
    draw, lines,
    restyle: () => {
      looks = kindLooks(kinds);
    },
  };
}
