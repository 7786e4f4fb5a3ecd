// The review itself, each word coloured by what it brought into the verdict.

import { html, tint } from "./elements.js";
import { colourLegend, table } from "./frame.js";
import { colourLimit, signed } from "./numbers.js";
import { pieces } from "./text.js";

/** Returns {element} of the section with the coloured text. */
export function colouredText(text, answer, selection, more) {
  const { tokens, prediction } = answer;
  const known = tokens.every((word) => word.contribution !== null);
  const limit = known ? colourLimit(tokens.map((word) => word.contribution.total)) : 1;
  const options = [];
  const parts = pieces(text, tokens).map((piece) => {
    if (piece.word === undefined) return piece.unread ? html("span", { class: "unread" }, piece.text) : piece.text;
    const option = html("span", { class: "word", role: "option", tabindex: -1, "aria-selected": "false" }, piece.text);
    options.push(option);
    return known ? tint(option, tokens[piece.word].contribution.total, limit) : option;
  });
  const lang = prediction.language === "other" ? null : prediction.language;
  const box = html("div", { class: "text", lang, dir: "auto", role: "listbox", "aria-orientation": "horizontal",
    "aria-labelledby": "words" }, ...parts);
  const said = html("p", { class: "said", role: "status" });

  listen(box, options, selection);
  let shown = null;
  const view = (place, chosen) => {
    if (shown !== null) {
      options[shown].classList.remove("at");
      if (chosen) for (const option of box.querySelectorAll('[tabindex="0"]')) leave(option);
    }
    shown = place;
    options[place].classList.add("at");
    if (chosen) enter(options[place], box.contains(document.activeElement));
    said.replaceChildren(...sayWord(tokens[place]));
  };
  selection.watch(view);
  view(selection.place, true);

  return html(
    "section",
    { class: "words-section", "aria-labelledby": "words" },
    html("h2", { id: "words" }, "Word by word"),
    html("p", { class: "how" },
      known
        ? "Colour is what each word brought into the verdict, where it stands: "
        : "This network’s verdict can’t be split over its words, so they have no colour. ",
      ...(known ? [html("b", { class: "positive-ink" }, "blue"), " towards positive rather than negative, ",
        html("b", { class: "negative-ink" }, "orange"), " the other way. ",
        prediction.label === "neutral" ? "The verdict here is neutral: how far a word speaks for that is not in the colours. " : ""] : []),
      "Point at a word, tap it, or move along with the arrow keys: every picture below shows the same word."),
    box,
    html("div", { class: "row between" },
      said,
      known ? colourLegend("sentiment", signed(-limit, 1), "logits", signed(limit, 1),
        `Colours from orange, ${signed(-limit, 1)}, over none, 0, to blue, ${signed(limit, 1)}`) : null),
    ...more,
    known ? table("Word by word", () => ({
      head: ["word", "brought", "forward", "backward", "by itself"],
      rows: tokens.map((word) => [word.text, signed(word.contribution.total), signed(word.contribution.forward),
        optional(word.contribution.backward), optional(word.alone)]),
    })) : null,
  );
}

function listen(box, options, selection) {
  const places = new Map(options.map((option, place) => [option, place]));
  const of = (event) => places.get(event.target.closest(".word")) ?? null;
  box.addEventListener("pointerover", (event) => event.pointerType === "mouse" && selection.hover(of(event)));
  box.addEventListener("pointerleave", () => selection.hover(null));
  box.addEventListener("click", (event) => of(event) !== null && selection.choose(of(event)));
  box.addEventListener("focusin", (event) => {
    if (of(event) !== null && event.target.tabIndex < 0) selection.choose(of(event));
  });
  box.addEventListener("keydown", (event) => selection.key(event));
}

function enter(option, focused) {
  option.tabIndex = 0;
  option.setAttribute("aria-selected", "true");
  if (focused) option.focus();
  const box = option.parentElement;
  const [top, bottom] = [option.offsetTop, option.offsetTop + option.offsetHeight];
  if (top < box.scrollTop || bottom > box.scrollTop + box.clientHeight) box.scrollTop = top - box.clientHeight / 2;
}

function leave(option) {
  option.tabIndex = -1;
  option.setAttribute("aria-selected", "false");
}

function sayWord(word) {
  const found = [html("b", {}, `“${word.text}”`)];
  if (word.contribution !== null) {
    const { total, forward, backward } = word.contribution;
    const split = backward === null ? "" : ` (forward ${signed(forward)}, backward ${signed(backward)})`;
    found.push(" brought ", html("b", {}, signed(total)), split);
  }
  if (word.alone !== null) found.push("; by itself it says ", html("b", {}, signed(word.alone)));
  return found;
}

function optional(value) {
  return value === null ? "–" : signed(value);
}
