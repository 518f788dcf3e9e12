// The reader's colour scheme, and paper, which is white whatever the screen is.

const PRINTING = ["beforeprint", "afterprint"];

/** Print on white; call it before `onRestyle`, whose listeners read the colours. */
export function whitenPaper() {
  for (const moment of PRINTING)
    addEventListener(moment, () => document.documentElement.classList.toggle("paper", moment === "beforeprint"));
}

/**
 * Call `restyle` whenever the page's colours have changed.
 * @param {() => void} restyle
 */
export function onRestyle(restyle) {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  for (const moment of PRINTING) addEventListener(moment, restyle);
}
