// The page's elements, each as what the caller takes it for.

/**
 * The element of an id; `TypeError` where there is none, or one of another class.
 * @template {HTMLElement} T
 * @overload
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
/**
 * @overload
 * @param {string} id
 * @returns {HTMLElement}
 */
/**
 * @param {string} id
 * @param {new () => HTMLElement} kind
 */
export function element(id, kind = HTMLElement) {
  return known(document.getElementById(id), kind, `#${id}`);
}

/**
 * All elements that a selector finds; `TypeError` where one is of another class.
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T[]}
 */
export function all(selector, kind) {
  return Array.from(document.querySelectorAll(selector), (found) => known(found, kind, selector));
}

/**
 * @template {Element} T
 * @param {Element | null} found
 * @param {new () => T} kind
 * @param {string} where
 */
function known(found, kind, where) {
  if (found instanceof kind) return found;
  throw new TypeError(`${where} is no ${kind.name}`);
}

/**
 * The label around a control.
 * @param {HTMLElement} control
 */
export const labelOf = (control) => known(control.closest("label"), HTMLLabelElement, `what is around #${control.id}`);

/**
 * What the page carries for its script (base.html.j2); null where there is nothing to draw.
 * @returns {unknown}
 */
export function pageData() {
  const text = document.getElementById("data")?.textContent;
  return text ? JSON.parse(text) : null;
}
