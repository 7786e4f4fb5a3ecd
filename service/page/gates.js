// How far the gates stood open at each word: the mean over their units, and the band that half of them are in.

import { html, svg } from "./elements.js";
import { Frame, mark } from "./frame.js";

const PANEL = 52;
const GAP = 16;
const TOP = 10;

const MEANINGS = {
  i: ["input", "how much of the word is written into memory"],
  f: ["forget", "how much of the memory is kept"],
  o: ["output", "how much of the memory is shown"],
  r: ["reset", "how much of the memory counts for what is new"],
  z: ["update", "how much of the memory stays as it was"],
};

/** Returns {element, draw, select} of the chart; null where the network has no gates. */
export function gates(answer, selection, panes) {
  const { tokens } = answer;
  const rows = Object.entries(answer.gates).flatMap(([direction, byName]) =>
    Object.entries(byName).map(([letter, gate]) => ({ direction, letter, name: MEANINGS[letter]?.[0] ?? letter, gate })),
  );
  if (rows.length === 0) return null;
  const letters = [...new Set(rows.map((row) => row.letter))].filter((letter) => letter in MEANINGS);
  const arrow = (row) => (row.direction === "forward" ? "→" : "←");
  const average = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const frame = new Frame(
    {
      title: "Gates",
      how: [
        "At each word, gates decide what becomes of the memory, from 0, shut, to 1, open: ",
        ...letters.flatMap((letter, place) => [
          place ? "; " : "",
          html("b", {}, `${MEANINGS[letter][0]} gate`), " ", html("i", {}, letter), `, ${MEANINGS[letter][1]}`,
        ]),
        ". The line is the mean over all units; the middle half of them stands in the band.",
      ],
      summary: rows.map((row) => `${row.direction} ${row.name} gate, ${average(row.gate.mean).toFixed(2)} on average`).join("; ") + ".",
      numbers: () => ({
        head: ["word", ...rows.map((row) => `${arrow(row)} ${row.name}: mean (quartiles)`)],
        rows: tokens.map((word, place) => [
          word.text,
          ...rows.map(({ gate }) =>
            `${gate.mean[place].toFixed(2)} (${gate.lower[place].toFixed(2)}–${gate.upper[place].toFixed(2)})`),
        ]),
      }),
    },
    selection,
    panes,
  );

  return {
    element: frame.element,
    draw(axis) {
      const scale = [];
      const plot = rows.flatMap((row, place) => {
        const top = TOP + place * (PANEL + GAP);
        const y = (value) => top + (1 - value) * PANEL;
        scale.push(svg("text", { class: "name", x: 0, y: top + PANEL / 2 + 4 }, `${arrow(row)} ${row.name}`), mark("1", top), mark("0", top + PANEL));
        return [
          svg("rect", { class: "ground", x: 0, y: top, width: axis.width, height: PANEL }),
          svg("path", { class: "quartiles", d: band(axis, row.gate, y) }),
          svg("path", { class: "mean", d: steps(axis, row.gate.mean, y) }),
        ];
      });
      frame.draw(axis, TOP + rows.length * (PANEL + GAP), plot, scale);
    },
    select(place) {
      const said = rows.map((row) => `${arrow(row)} ${row.name} ${row.gate.mean[place].toFixed(2)}`);
      frame.mark(place, `${tokens[place].text}: ${said.join(", ")}`);
    },
  };
}

function steps(axis, values, y) {
  return values
    .map((value, place) => `${place ? "V" : `M${axis.left(0)},`}${y(value).toFixed(1)}H${axis.left(place + 1).toFixed(1)}`)
    .join("");
}

function band(axis, gate, y) {
  const back = [...gate.lower.keys()].reverse();
  const lower = back.map((place) => `V${y(gate.lower[place]).toFixed(1)}H${axis.left(place).toFixed(1)}`).join("");
  return `${steps(axis, gate.upper, y)}${lower}Z`;
}
