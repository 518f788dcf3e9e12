// One tooltip for the page.
import { element } from "./elements.js";

/**
 * Show lines of text at the pointer; the first is a heading.
 * @param {string[]} lines
 * @param {number} x
 * @param {number} y
 */
export function showTip(lines, x, y) {
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

export function hideTip() {
  element("tip").hidden = true;
}
