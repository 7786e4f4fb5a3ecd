// Numbers as people read them.

/** Returns a number with its sign: +1.20, −0.35, 0.00. */
export function signed(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return text;
  return (value < 0 ? "−" : "+") + text;
}

/** Returns a probability in percent, never rounded up to certainty. */
export function percent(value) {
  if (value > 0 && value < 0.001) return "< 0.1 %";
  if (value > 0.999 && value < 1) return "> 99.9 %";
  return `${(100 * value).toFixed(1)} %`;
}

/** Returns a small number as 6 × 10⁻⁷. */
export function scientific(value) {
  if (value === 0) return "0";
  const [factor, power] = value.toExponential(0).split("e");
  const raised = [...String(Number(power))].map((digit) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(digit)]).join("");
  return `${factor} × 10${raised}`;
}

/** Returns the smallest of 1, 2, 2.5, 5 times a power of ten that is not below `value`. */
export function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 2.5, 5, 10].find((step) => step * power >= value * (1 - 1e-9));
}

/** Returns the limit of a colour scale for `values`, in logits: round, and not so small that a flat text looks loud. */
export function colourLimit(values) {
  return roundUp(Math.max(0.5, ...values.map(Math.abs)));
}

/** Returns round places from `low` to `high`, about `count` of them, 0 included where it is between. */
export function ticks(low, high, count = 4) {
  const step = roundUp((high - low) / count);
  const found = [];
  for (let place = Math.ceil(low / step); place * step <= high + 1e-9; place += 1) found.push(place * step);
  return found;
}
