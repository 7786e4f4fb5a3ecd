// The one axis that all charts share: a column for each word, as wide as the word.

import { svg } from "./elements.js";

/** Height of the row of words under a chart. */
export const WORD_ROW = 26;

const NARROWEST = 24;
const WIDEST_WORD = 130;
const WIDEST = 150;
const PADDING = 14;

export class Axis {
  #edges = [0];
  #labels;

  /** Columns for the texts of `words`, stretched to fill `available` pixels where they need less. */
  constructor(words, available) {
    const measure = document.createElement("canvas").getContext("2d");
    measure.font = `13px ${getComputedStyle(document.body).fontFamily}`;
    this.#labels = words.map((word) => fitted(word.text, measure));
    const natural = this.#labels.map((label) => Math.max(NARROWEST, measure.measureText(label).width + PADDING));
    const total = natural.reduce((sum, width) => sum + width, 0);
    const spare = Math.max(0, available - total) / words.length;
    for (const width of natural) this.#edges.push(this.width + Math.min(Math.max(width, WIDEST), width + spare));
  }

  /** The width of all columns together. */
  get width() {
    return this.#edges[this.#edges.length - 1];
  }

  /** How many columns there are. */
  get count() {
    return this.#labels.length;
  }

  /** The left edge of a word's column; of `count`, the end. */
  left(place) {
    return this.#edges[place];
  }

  /** The width of a run of columns. */
  span(first, last = first) {
    return this.#edges[last + 1] - this.#edges[first];
  }

  /** The middle of a run of columns. */
  middle(first, last = first) {
    return (this.#edges[first] + this.#edges[last + 1]) / 2;
  }

  /** The place of the word whose column holds `x`. */
  at(x) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const half = (low + high) >> 1;
      if (this.#edges[half + 1] > x) high = half;
      else low = half + 1;
    }
    return low;
  }

  /** Returns the row of words, its top at `y`. */
  words(y) {
    const row = svg("g", { class: "words" });
    this.#labels.forEach((label, place) => {
      row.append(svg("text", { x: this.middle(place), y: y + 17, "text-anchor": "middle" }, label));
    });
    return row;
  }
}

function fitted(text, measure) {
  // No more signs than that fit however narrow they are, and measuring a word without end takes its time.
  const points = Array.from(text.slice(0, 4 * WIDEST_WORD));
  if (points.length <= WIDEST_WORD && measure.measureText(text).width <= WIDEST_WORD) return text;
  let kept = Math.min(points.length, Math.ceil(WIDEST_WORD / 2));
  while (kept > 1 && measure.measureText(`${points.slice(0, kept).join("")}…`).width > WIDEST_WORD) kept -= 1;
  return `${points.slice(0, kept).join("")}…`;
}
