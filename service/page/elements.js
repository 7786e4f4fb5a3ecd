// Makes elements. Text goes in as text: a word of a review is never read as markup.

const SVG = "http://www.w3.org/2000/svg";

/** Returns an HTML element. `properties` are attributes; those that are null or undefined are left out. */
export function html(name, properties = {}, ...children) {
  return filled(document.createElement(name), properties, children);
}

/** Returns an SVG element, as `html` does. */
export function svg(name, properties = {}, ...children) {
  return filled(document.createElementNS(SVG, name), properties, children);
}

/** Returns what sets `element`'s colour: `value` between −limit and limit, by the classes of charts.css. */
export function tint(element, value, limit) {
  element.classList.toggle("below", value < 0);
  element.style.setProperty("--share", Math.min(1, Math.abs(value) / limit).toFixed(3));
  return element;
}

function filled(element, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}
