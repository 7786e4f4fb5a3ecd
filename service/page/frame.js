// What every chart has: a title, how to read it, a gutter for the scale, a pane that scrolls, the numbers as a table.

import { WORD_ROW } from "./axis.js";
import { html, svg } from "./elements.js";

/** Whether this is a narrow screen, as page.css has it. */
export const NARROW = window.matchMedia("(max-width: 40rem)").matches;

/** Width of the gutter left of every chart, so that the columns of words stand under each other. */
export const GUTTER = NARROW ? 64 : 84;

let made = 0;

export class Frame {
  #gutter = svg("svg", { class: "gutter", width: GUTTER, "aria-hidden": "true" });
  #plot;
  #band = svg("rect", { class: "band", y: 0 });
  #pane;
  #readout = html("p", { class: "readout", "aria-hidden": "true" });
  #selection;
  #axis = null;

  /**
   * `title` and `how` are for people; `summary` says the picture in a sentence to those who don't see it; `numbers()`
   * returns {head, rows} of the table; `legend` is an element or null.
   */
  constructor({ title, how, summary, numbers, legend = null }, selection, panes) {
    const id = `chart-${(made += 1)}`;
    this.#selection = selection;
    this.#plot = svg("svg", { class: "plot", role: "img", "aria-label": `${title}. ${summary}` });
    this.#pane = html("div", { class: "pane", tabindex: 0, role: "group", "aria-labelledby": id }, this.#plot);
    this.element = html(
      "section",
      { class: "chart", "aria-labelledby": id },
      html("h3", { id }, title),
      html("p", { class: "how" }, ...how),
      html("div", { class: "row between" }, this.#readout, legend),
      html("div", { class: "frame" }, this.#gutter, this.#pane),
      table(title, numbers),
    );
    panes.add(this.#pane);
    this.#listen();
  }

  /**
   * Draws anew: `plot` and `scale` are the SVG elements of the plot and of its gutter, `height` theirs, without the row
   * of words.
   */
  draw(axis, height, plot, scale) {
    this.#axis = axis;
    const whole = height + WORD_ROW;
    for (const element of [this.#plot, this.#gutter]) element.setAttribute("height", whole);
    this.#plot.setAttribute("width", Math.ceil(axis.width));
    this.#band.setAttribute("height", whole);
    this.#plot.replaceChildren(this.#band, ...plot, axis.words(height));
    this.#gutter.replaceChildren(...scale);
  }

  /** Marks the column of a word and says in words what the chart holds there. */
  mark(place, said) {
    this.#band.setAttribute("x", this.#axis.left(place));
    this.#band.setAttribute("width", this.#axis.span(place));
    this.#plot.querySelector(".words > .at")?.classList.remove("at");
    this.#plot.querySelector(".words").children[place].classList.add("at");
    this.#readout.textContent = said;
  }

  #listen() {
    const under = (event) => this.#axis.at(event.clientX - this.#plot.getBoundingClientRect().left);
    this.#plot.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse") this.#selection.hover(under(event));
    });
    this.#plot.addEventListener("pointerleave", () => this.#selection.hover(null));
    this.#plot.addEventListener("click", (event) => this.#selection.choose(under(event)));
    this.#pane.addEventListener("keydown", (event) => this.#selection.key(event));
  }
}

/** Returns a legend: a strip of colours between two limits. `kind` is a class of charts.css. */
export function colourLegend(kind, low, middle, high, said) {
  return html(
    "p",
    { class: "legend" },
    html("span", { class: "strip-low" }, low),
    html("span", { class: `strip ${kind}`, role: "img", "aria-label": said }),
    html("span", {}, high),
    middle === null ? null : html("span", { class: "quiet" }, middle),
  );
}

/** Returns the text of a scale's mark in the gutter, at height `y`. */
export function mark(text, y, name = "mark") {
  return svg("text", { class: name, x: GUTTER - 8, y: y + 4, "text-anchor": "end" }, text);
}

/** Returns a table that is made when it is first opened: a long review's has hundreds of rows. */
export function table(title, numbers) {
  const details = html("details", {}, html("summary", {}, "The numbers"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const { head, rows } = numbers();
    const body = rows.map(([first, ...rest]) =>
      html("tr", {}, html("th", { scope: "row" }, first), ...rest.map((cell) => html("td", {}, cell))),
    );
    const heads = html("tr", {}, ...head.map((cell) => html("th", { scope: "col" }, cell)));
    details.append(
      html(
        "div",
        { class: "scroller", tabindex: 0, role: "group", "aria-label": `${title}: the numbers` },
        html("table", {}, html("thead", {}, heads), html("tbody", {}, ...body)),
      ),
    );
  });
  return details;
}
