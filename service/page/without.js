// What the verdict would be without a word: a table to choose from, for the trajectories compare with the chosen row.

import { html } from "./elements.js";
import { percent, signed } from "./numbers.js";
import { bar } from "./verdict.js";

const AROUND = 2; // words shown on either side of the one that is left out

/** Returns the place, in `answer.without`, of the word whose absence moves the verdict most; null if there is none. */
export function mostTelling(answer) {
  const { label } = answer.prediction;
  const order = answer.without
    .map((one, place) => ({ place, turns: one.label !== label, moved: Math.abs(one.logit - answer.logit) }))
    .sort((a, b) => Number(b.turns) - Number(a.turns) || b.moved - a.moved);
  return order.length ? order[0].place : null;
}

/** Returns the section with the table; `choose(place)` is called with the row that a person chooses. */
export function without(answer, chosen, selection, choose) {
  const { label } = answer.prediction;
  const rows = answer.without.map((one, place) => {
    const radio = html("input", { type: "radio", name: "without", id: `without-${place}` });
    radio.checked = place === chosen;
    radio.addEventListener("change", () => {
      choose(place);
      selection.choose(one.removed);
    });
    const row = html(
      "tr",
      {},
      html("th", { scope: "row" }, radio, html("label", { for: radio.id }, ...inPlace(answer, one.removed))),
      html("td", { class: one.label === label ? "" : "turned" }, html("span", { class: `label ${one.label}` }, one.label)),
      html("td", { class: "wide" }, bar(one.probabilities)),
      html("td", { class: "number" }, percent(one.probabilities[one.label])),
      html("td", { class: "number wide" }, signed(one.logit - answer.logit)),
    );
    row.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && selection.hover(one.removed));
    row.addEventListener("pointerleave", () => selection.hover(null));
    return row;
  });
  const whole = html(
    "tr",
    { class: "whole" },
    html("th", { scope: "row" }, "the whole review"),
    html("td", {}, html("span", { class: `label ${label}` }, label)),
    html("td", { class: "wide" }, bar(answer.prediction.probabilities)),
    html("td", { class: "number" }, percent(answer.prediction.score)),
    html("td", { class: "number wide" }, "–"),
  );
  const heads = [
    html("th", { scope: "col" }, "without"),
    html("th", { scope: "col" }, "verdict"),
    html("td", { class: "wide" }),
    html("th", { scope: "col", class: "number" }, "probability"),
    html("th", { scope: "col", class: "number wide" }, "logit moves by"),
  ];
  return html(
    "section",
    { class: "without", "aria-labelledby": "without" },
    html("h2", { id: "without" }, "What if a word were missing?"),
    html("p", { class: "how" },
      "The network reads the review again with one word left out. The row that you choose is the dashed line in the " +
      "next picture."),
    html("div", { class: "scroller", tabindex: 0, role: "group", "aria-labelledby": "without" },
      html("table", {}, html("thead", {}, html("tr", {}, ...heads)), html("tbody", {}, whole, ...rows))),
  );
}

/** Returns a word struck out, between its neighbours. */
function inPlace(answer, removed) {
  const { tokens, prediction } = answer;
  const gap = prediction.language === "zh" ? "" : " ";
  const first = Math.max(0, removed - AROUND);
  const last = Math.min(tokens.length, removed + AROUND + 1);
  const texts = (from, to) => tokens.slice(from, to).map((word) => word.text).join(gap);
  const before = (first > 0 ? "… " : "") + texts(first, removed);
  const after = texts(removed + 1, last) + (last < tokens.length ? " …" : "");
  return [
    html("span", { class: "quiet" }, before + (before ? gap : "")),
    html("del", {}, tokens[removed].text),
    html("span", { class: "quiet" }, (after ? gap : "") + after),
  ];
}
