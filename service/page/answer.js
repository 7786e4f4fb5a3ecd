// Puts all views of one answer together, on one axis and one selection.

import { Axis } from "./axis.js";
import { colouredText } from "./coloured_text.js";
import { html } from "./elements.js";
import { gates } from "./gates.js";
import { interactions } from "./interactions.js";
import { overview } from "./overview.js";
import { Panes } from "./panes.js";
import { phrases } from "./phrases.js";
import { Selection } from "./selection.js";
import { trajectories } from "./trajectories.js";
import { units } from "./units.js";
import { sum, verdict } from "./verdict.js";
import { mostTelling, without } from "./without.js";

let resized = null; // watches the answer that is shown

/** Takes away what is shown in `place`. */
export function clearAnswer(place) {
  resized?.disconnect();
  place.replaceChildren();
}

/** Shows in `place` what the service answered to `text`. */
export function showAnswer(place, text, answer) {
  clearAnswer(place);
  const { tokens } = answer;
  const selection = new Selection(tokens.length, strongest(tokens));
  const panes = new Panes();
  const chosen = mostTelling(answer);
  const strip = overview(answer, panes);
  const lines = trajectories(answer, chosen, selection, panes);
  const charts = [lines, interactions(answer, selection, panes), phrases(answer, selection, panes),
    units(answer, selection, panes), gates(answer, selection, panes)].filter((chart) => chart !== null);
  const notes = answer.notes.length
    ? html("ul", { class: "notes", "aria-label": "Notes on this answer" }, ...answer.notes.map((note) => html("li", {}, note)))
    : null;

  place.replaceChildren(
    verdict(answer),
    colouredText(text, answer, selection, [sum(answer), notes]),
    ...(chosen === null ? [] : [without(answer, chosen, selection, (one) => {
      lines.compare(one);
      lines.select(selection.place);
    })]),
    html("section", { class: "inside", "aria-labelledby": "inside" },
      html("h2", { id: "inside" }, "Inside the network"),
      html("p", { class: "how" }, "All pictures stand over the same words. Point, tap or use the arrow keys."),
      ...strip.elements,
      ...charts.map((chart) => chart.element)),
  );

  let axis = null;
  let drawnFor = 0;
  const select = (word, picked) => {
    for (const chart of charts) chart.select(word);
    if (picked) panes.show(axis.left(word), axis.left(word + 1));
  };
  const draw = () => {
    const available = place.querySelector(".pane").clientWidth;
    if (available === drawnFor) return;
    axis = new Axis(tokens, available);
    for (const chart of charts) chart.draw(axis);
    strip.draw(axis, available);
    select(selection.place, drawnFor !== 0);
    drawnFor = available;
  };
  draw();
  selection.watch(select);
  selection.choose(selection.place);
  resized = new ResizeObserver(draw);
  resized.observe(place);
}

/** Returns the place of the word that brought most. */
function strongest(tokens) {
  const sizes = tokens.map((word) => Math.abs(word.contribution?.total ?? 0));
  return sizes.indexOf(Math.max(...sizes));
}
