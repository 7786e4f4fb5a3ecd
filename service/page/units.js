// The hidden units that brought most into the verdict, word by word.

import { svg, tint } from "./elements.js";
import { Frame, GUTTER, NARROW, colourLegend } from "./frame.js";
import { signed } from "./numbers.js";

const ROW = 22;
const TOP = 20;
const SHADES = 20; // on either side of 0

/** Returns {element, draw, select} of the chart; null where the answer holds no units. */
export function units(answer, selection, panes) {
  const { tokens } = answer;
  if (answer.units.length === 0) return null;
  const name = (unit) => `${unit.direction === "forward" ? "→" : "←"} ${unit.id}`;
  const strongest = answer.units[0];
  const frame = new Frame(
    {
      title: "Hidden units",
      how: [
        "The network’s memory is made of hidden units, numbers between −1 and 1 that change with every word. These are " +
          "the ones that brought most into this verdict, the strongest first. The arrow is the direction in which a unit " +
          "reads and the number its own.",
      ],
      summary:
        `${answer.units.length} units. The strongest, number ${strongest.id} of those that read ${strongest.direction}, ` +
        `brought ${signed(strongest.contribution)}.`,
      numbers: () => ({
        head: ["word", ...answer.units.map((unit) => `${name(unit)} (${signed(unit.contribution)})`)],
        rows: tokens.map((word, place) => [word.text, ...answer.units.map((unit) => signed(unit.h[place]))]),
      }),
      legend: colourLegend("values", "−1", "h, the unit’s value", "+1", "Cells from purple, −1, over none, 0, to green, +1"),
    },
    selection,
    panes,
  );

  const edge = svg("rect", { class: "edge", y: TOP - 0.5, height: answer.units.length * ROW });
  let shownAxis = null;

  return {
    element: frame.element,
    draw(axis) {
      shownAxis = axis;
      const right = { x: GUTTER - 8, "text-anchor": "end" };
      const scale = [svg("text", { class: "name", x: 0, y: 13 }, "unit")];
      if (!NARROW) scale.push(svg("text", { class: "name", y: 13, ...right }, "brought"));
      answer.units.forEach((unit, row) => {
        const y = TOP + row * ROW + 15;
        scale.push(svg("text", { class: "mark", x: 0, y }, name(unit)));
        if (!NARROW) scale.push(svg("text", { class: "mark", y, ...right }, signed(unit.contribution)));
      });
      frame.draw(axis, TOP + answer.units.length * ROW, [...cells(axis, answer.units), edge], scale);
    },
    select(place) {
      edge.setAttribute("x", shownAxis.left(place) - 0.5);
      edge.setAttribute("width", shownAxis.span(place));
      const said = answer.units.slice(0, 3).map((unit) => `${name(unit)} at ${signed(unit.h[place])}`);
      frame.mark(place, `${tokens[place].text}: ${said.join(", ")}`);
    },
  };
}

/** Returns one path for each shade: thousands of cells of a long review would each cost the browser an element. */
function cells(axis, units) {
  const shapes = new Map();
  units.forEach((unit, row) => {
    unit.h.forEach((value, place) => {
      const shade = Math.round(value * SHADES);
      const cell = `M${axis.left(place).toFixed(1)},${TOP + row * ROW}h${(axis.span(place) - 1).toFixed(1)}v${ROW - 1}H${axis.left(place).toFixed(1)}Z`;
      shapes.set(shade, (shapes.get(shade) ?? "") + cell);
    });
  });
  return [...shapes].map(([shade, d]) => tint(svg("path", { class: "cell", d }), shade / SHADES, 1));
}
