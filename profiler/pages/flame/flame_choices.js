// What is counted in a flame graph: the controls above it.
import { all, element, labelOf } from "../base/elements.js";
import { sideOf, windowOf } from "./flame.js";

/** @import { FlameState } from "./flame.js" */
/** @import { Profiles, Side } from "./profiles.js" */

/**
 * @param {Profiles} profiles
 * @param {FlameState} state
 * @param {{ rebuild: () => void, turnTo: (side: Side) => void }} graph
 */
export function flameChoices(profiles, state, { rebuild, turnTo }) {
  const sides = all("input[name=flame-side]", HTMLInputElement);
  const kindSets = all(".flame-kinds", HTMLFieldSetElement);
  const kindBoxes = all(".flame-kinds input", HTMLInputElement);

  for (const radio of sides) radio.addEventListener("change", () => turnTo(sideOf(radio.value)));
  for (const box of kindBoxes)
    box.addEventListener("change", () => {
      if (box.checked) state.hide.delete(box.value);
      else state.hide.add(box.value);
      rebuild();
    });

  /**
   * @param {string} id
   * @param {(value: string) => void} apply
   */
  function select(id, apply) {
    const control = element(id, HTMLSelectElement);
    control.addEventListener("change", () => {
      apply(control.value);
      rebuild();
    });
    return control;
  }
  /**
   * @param {string} id
   * @param {(checked: boolean) => void} apply
   */
  function check(id, apply) {
    const control = element(id, HTMLInputElement);
    control.addEventListener("change", () => {
      apply(control.checked);
      rebuild();
    });
    return control;
  }
  const unzoom = () => (state.frame = []);
  const operator = profiles.operators && select("flame-operator", (value) => (state.operator = Number(value)));
  const thread = select("flame-thread", (value) => (state.thread = Number(value)));
  const time = select("flame-window", (value) => (state.window = windowOf(value)));
  const inverted = check("flame-invert", (checked) => (unzoom(), (state.invert = checked)));
  const upwards = check("flame-upwards", (checked) => (state.upwards = checked));
  const inlined = check("flame-inlined", (checked) => (unzoom(), (state.inlined = checked)));
  labelOf(inlined).hidden = !Object.values(profiles).some((profile) => profile?.inlined.some(Boolean));

  // Show the state.
  function follow() {
    const byLane = Boolean(profiles[state.side]?.lanes);
    for (const radio of sides) radio.checked = radio.value === state.side;
    for (const set of kindSets) set.hidden = set.dataset.side !== state.side;
    for (const box of kindBoxes) box.checked = !state.hide.has(box.value);
    labelOf(thread).hidden = byLane;
    thread.value = String(state.thread);
    if (operator) {
      labelOf(operator).hidden = !byLane;
      operator.value = String(state.operator);
    }
    time.value = state.window;
    inverted.checked = state.invert;
    upwards.checked = state.upwards;
    inlined.checked = state.inlined;
  }

  return { follow };
}
