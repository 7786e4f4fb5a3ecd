// The verdict, its probabilities, and how they come from one number.

import { html } from "./elements.js";
import { percent, scientific, signed } from "./numbers.js";

const LANGUAGES = { en: "English", zh: "Chinese", other: "neither English nor Chinese" };

/** Returns the labels' shares as one bar. Decoration: the numbers stand beside it. */
export function bar(probabilities) {
  const whole = html("span", { class: "shares", "aria-hidden": "true" });
  for (const [label, value] of Object.entries(probabilities)) {
    const part = html("span", { class: label });
    part.style.flexGrow = value.toFixed(4);
    whole.append(part);
  }
  return whole;
}

/** Returns the section that says what the review means. */
export function verdict(answer) {
  const { prediction } = answer;
  const shares = Object.entries(prediction.probabilities).map(([label, value]) =>
    html("div", { class: label === prediction.label ? "share most" : "share" },
      html("dt", {}, html("span", { class: `dot ${label}` }), label),
      html("dd", {}, percent(value))),
  );
  const read = `${prediction.tokens} ${prediction.tokens === 1 ? "token" : "tokens"} read`;
  return html(
    "section",
    { class: "verdict", "aria-labelledby": "verdict" },
    html("p", { class: "over" }, "The verdict"),
    html("h2", { id: "verdict", class: `label ${prediction.label}` }, prediction.label),
    bar(prediction.probabilities),
    html("dl", { class: "row" }, ...shares),
    prediction.warning ? html("p", { class: "warning" }, sentence(prediction.warning)) : null,
    html("p", { class: "quiet" },
      `Language: ${LANGUAGES[prediction.language]} · ${read}${prediction.truncated ? ", the middle left out" : ""} · ` +
      `model ${answer.model.name} ${answer.model.version.slice(0, 8)}`),
  );
}

/** Returns how the contributions add up, for those who check. */
export function sum(answer) {
  const brought = answer.tokens.map((word) => word.contribution?.total ?? null);
  if (brought.includes(null)) return null;
  const words = brought.reduce((total, value) => total + value, 0);
  return html(
    "p",
    { class: "quiet sum" },
    `All words ${signed(words)}, the network’s bias ${signed(answer.bias)}: together ${signed(answer.logit)}, which is `,
    html("i", {}, "logit(positive) − logit(negative)"),
    `. The split is exact (error ${scientific(answer.completeness_error)}). Divided by the temperature ` +
      `${answer.temperature.toFixed(2)}, the logits become the probabilities above.`,
  );
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1)}.`;
}
