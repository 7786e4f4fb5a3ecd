// The hidden units that brought most into the verdict, word by word.

import { svg, tint } from "./elements.js";
import { Frame, GUTTER, colourLegend } from "./frame.js";
import { signed } from "./numbers.js";

const ROW = 22;
const TOP = 20;

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
          "reads, the first number its own, the second what it brought in all.",
      ],
      summary:
        `${answer.units.length} units. The strongest, number ${strongest.id} of those that read ${strongest.direction}, ` +
        `brought ${signed(strongest.contribution)}.`,
      numbers: () => ({
        head: ["word", ...answer.units.map((unit) => `${name(unit)} (${signed(unit.contribution)})`)],
        rows: tokens.map((word, place) => [word.text, ...answer.units.map((unit) => signed(unit.h[place]))]),
      }),
      legend: colourLegend("state", "−1", "h, the unit’s value", "+1", "Cells from purple, −1, over none, 0, to green, +1"),
    },
    selection,
    panes,
  );

  return {
    element: frame.element,
    draw(axis) {
      const scale = [
        svg("text", { class: "name", x: 0, y: 13 }, "unit"),
        svg("text", { class: "name", x: GUTTER - 8, y: 13, "text-anchor": "end" }, "brought"),
      ];
      const cells = answer.units.flatMap((unit, row) => {
        const y = TOP + row * ROW;
        scale.push(svg("text", { class: "mark", x: 0, y: y + 15 }, name(unit)));
        scale.push(svg("text", { class: "mark", x: GUTTER - 8, y: y + 15, "text-anchor": "end" }, signed(unit.contribution)));
        return unit.h.map((value, place) =>
          tint(svg("rect", { class: "cell", x: axis.left(place), y, width: axis.span(place) - 1, height: ROW - 1 }), value, 1));
      });
      frame.draw(axis, TOP + answer.units.length * ROW, cells, scale);
    },
    select(place) {
      const said = answer.units.slice(0, 3).map((unit) => `${name(unit)} at ${signed(unit.h[place])}`);
      frame.mark(place, `${tokens[place].text}: ${said.join(", ")}`);
    },
  };
}
