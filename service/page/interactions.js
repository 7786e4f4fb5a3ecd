// What two runs of words say together beyond what each says by itself, as arcs over the words.

import { svg, tint } from "./elements.js";
import { Frame, colourLegend } from "./frame.js";
import { colourLimit, signed } from "./numbers.js";
import { quoted, run } from "./text.js";

const HEIGHT = 150;
const FLOOR = HEIGHT - 14;
const LOWEST = 26;
const HIGHEST = 92;
const LABEL = { width: 46, height: 17 };

/** Returns {element, draw, select} of the chart; null where the answer holds no pairs. */
export function interactions(answer, selection, panes) {
  const { tokens, prediction } = answer;
  if (answer.interactions.length === 0) return null;
  const pairs = answer.interactions.map((pair) => ({ a: run(tokens, ...pair.a), b: run(tokens, ...pair.b), value: pair.value }));
  const limit = colourLimit(pairs.map((pair) => pair.value));
  const name = (words) => quoted(tokens, ...words, prediction.language);
  const strongest = pairs.reduce((most, pair) => (Math.abs(pair.value) > Math.abs(most.value) ? pair : most));
  const frame = new Frame(
    {
      title: "What words do to each other",
      how: [
        "An arc joins two words or phrases. Its number is what they say together beyond the sum of what each says by " +
          "itself, which is where a word that turns others shows most. Only a few pairs are looked at: words that " +
          "negate with what follows them, and neighbours among the strongest words.",
      ],
      summary: `The strongest of ${pairs.length}: ${name(strongest.a)} and ${name(strongest.b)}, ${signed(strongest.value)}.`,
      numbers: () => ({
        head: ["one", "other", "together beyond the sum"],
        rows: pairs.map((pair) => [name(pair.a), name(pair.b), signed(pair.value)]),
      }),
      legend: colourLegend("sentiment", signed(-limit, 1), "logits", signed(limit, 1),
        `Arcs from orange, ${signed(-limit, 1)}, to blue, ${signed(limit, 1)}`),
    },
    selection,
    panes,
  );
  let arcs = [];
  const labels = [];

  function draw(axis) {
    const widths = pairs.map((pair) => axis.middle(...pair.b) - axis.middle(...pair.a));
    const widest = Math.max(...widths.map(Math.abs));
    const taken = [];
    arcs = pairs.map((pair, place) => {
      const [left, right] = [axis.middle(...pair.a), axis.middle(...pair.b)];
      const height = LOWEST + (HIGHEST - LOWEST) * Math.sqrt(Math.abs(widths[place]) / widest);
      const top = FLOOR - height;
      const [x, y] = free([(left + right) / 2, top - 4], taken, axis.width);
      labels[place] = svg("text", { class: "halo", x, y, "text-anchor": "middle" }, signed(pair.value));
      const arc = svg(
        "g",
        { class: "arc" },
        svg("path", { class: "bow", d: bow(left, right, top), "stroke-width": 1.5 + 4 * Math.min(1, Math.abs(pair.value) / limit) }),
        ...[pair.a, pair.b].map((words) => foot(axis, words)),
      );
      return tint(arc, pair.value, limit);
    });
    frame.draw(axis, HEIGHT, [...arcs, ...labels], []); // no arc crosses a number
  }

  return {
    element: frame.element,
    draw,
    select(place) {
      const within = (words) => words[0] <= place && place <= words[1];
      const touched = pairs.filter((pair, index) => {
        const touches = within(pair.a) || within(pair.b);
        labels[index].classList.toggle("touched", touches);
        return touches;
      });
      const said = touched.map((pair) => `${name(pair.a)} with ${name(pair.b)} ${signed(pair.value)}`);
      frame.mark(place, said.length ? said.join("; ") : `${tokens[place].text}: in no pair`);
    },
  };
}

function bow(left, right, top) {
  const bend = FLOOR - (FLOOR - top) * (4 / 3);
  return `M${left},${FLOOR}C${left},${bend} ${right},${bend} ${right},${FLOOR}`;
}

function foot(axis, [first, last]) {
  if (first === last) return svg("circle", { class: "end", cx: axis.middle(first), cy: FLOOR, r: 4 });
  return svg("path", { class: "foot", d: `M${axis.left(first) + 6},${FLOOR}H${axis.left(last + 1) - 6}` });
}

/** Returns where a label can stand: at `wanted`, or as far above it as others that stand there already make it. */
function free([x, y], taken, width) {
  const inside = Math.max(LABEL.width / 2, Math.min(width - LABEL.width / 2, x));
  let height = y;
  const hit = () => taken.some(([other, top]) => Math.abs(other - inside) < LABEL.width && Math.abs(top - height) < LABEL.height);
  while (hit() && height > LABEL.height) height -= 2;
  taken.push([inside, height]);
  return [inside, height];
}
