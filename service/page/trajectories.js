// The verdict as it comes about: what the head would read off, word by word, in each direction.

import { html, svg } from "./elements.js";
import { Frame, mark } from "./frame.js";
import { signed, ticks } from "./numbers.js";

const PANEL = 150;
const TOP = 22;
const GAP = 14;
const MANY = 60; // words from which on dots would only be noise

/** Returns {element, draw, select, compare} of the chart; `compare(place)` chooses one of `answer.without`. */
export function trajectories(answer, chosen, selection, panes) {
  const { tokens, without } = answer;
  const directions = ["forward", "backward"].filter((name) => answer.trajectory[name] !== null);
  const all = [answer, ...without].flatMap((one) => directions.flatMap((name) => one.trajectory[name]));
  const values = [0, ...all.filter((value) => value !== null)];
  const low = Math.min(...values);
  const high = Math.max(...values, low + 0.5);
  const last = tokens.length - 1;
  let compared = chosen;
  let shownAxis = null;

  const two = directions.length === 2;
  const frame = new Frame(
    {
      title: "The verdict as it comes about",
      how: [
        two
          ? "The network reads the review twice: forward, from the first word to the last, and backward, from the last " +
            "to the first. "
          : "The network reads the review from the first word to the last. ",
        "Each line shows what could be read off if it stopped at a word: above zero positive, below zero negative. It " +
          "is a readout, not a prediction: the network never learned to judge half a review.",
      ],
      summary: directions.map((name) => ends(answer, name, last)).join(" "),
      numbers: () => numbers(answer, directions, compared),
      legend: lineLegend(),
    },
    selection,
    panes,
  );
  const dashed = frame.element.querySelector(".dashed-name");

  function draw(axis) {
    shownAxis = axis;
    const plot = [];
    const scale = [];
    directions.forEach((name, place) => {
      const top = place * (TOP + PANEL + GAP);
      const y = (value) => top + TOP + ((high - value) / (high - low)) * PANEL;
      plot.push(...panel(axis, answer, name, compared, y, top));
      scale.push(svg("text", { class: "name", x: 0, y: top + 14 }, name === "forward" ? "forward →" : "← backward"));
      for (const value of ticks(low, high)) scale.push(mark(signed(value, 1), y(value)));
    });
    frame.draw(axis, directions.length * (TOP + PANEL + GAP), plot, scale);
    name();
  }

  function name() {
    dashed.parentElement.hidden = compared === null;
    if (compared !== null) dashed.textContent = `without “${tokens[without[compared].removed].text}”`;
  }

  return {
    element: frame.element,
    draw,
    select(place) {
      const said = directions.map((direction) => {
        const value = signed(answer.trajectory[direction][place]);
        const other = compared === null ? null : without[compared].trajectory[direction][place];
        return `${direction} ${value}${other === null ? "" : ` (dashed ${signed(other)})`}`;
      });
      frame.mark(place, `${tokens[place].text}: ${said.join(", ")}`);
    },
    compare(place) {
      compared = place;
      draw(shownAxis);
    },
  };
}

function panel(axis, answer, name, compared, y, top) {
  const values = answer.trajectory[name];
  const points = values.map((value, place) => [axis.middle(place), y(value)]);
  const zero = y(0);
  const found = [];
  const grid = svg("g", { class: "grid" });
  grid.append(svg("line", { class: "zero", x1: 0, x2: axis.width, y1: zero, y2: zero }));
  found.push(grid);
  // Areas end at zero on either side, so that colour alone tells positive from negative at a glance.
  const first = points[0][0];
  const end = points[points.length - 1][0];
  for (const [side, keep] of [["above", Math.min], ["under", Math.max]]) {
    const edge = clipped(points, zero, keep);
    found.push(svg("path", { class: `area ${side}`, d: `M${first},${zero}${line(edge, "L")}L${end},${zero}Z` }));
  }
  if (compared !== null) {
    const other = answer.without[compared];
    const left = other.trajectory[name]
      .map((value, place) => (value === null ? null : [axis.middle(place), y(value)]))
      .filter((point) => point !== null);
    found.push(svg("path", { class: "line dashed", d: line(left, "M") }));
    const x = axis.middle(other.removed);
    found.push(svg("path", { class: "gone", d: `M${x},${top + TOP}V${top + TOP + PANEL}` }));
  }
  found.push(svg("path", { class: "line", d: line(points, "M") }));
  if (values.length <= MANY) {
    for (const [x, height] of points) found.push(svg("circle", { class: "point", cx: x, cy: height, r: 3 }));
  }
  return found;
}

/** Returns the points on one side of zero, with those where the line crosses it. */
function clipped(points, zero, keep) {
  const found = [];
  points.forEach(([x, y], place) => {
    if (place > 0) {
      const [before, height] = points[place - 1];
      if ((height - zero) * (y - zero) < 0) found.push([before + ((zero - height) / (y - height)) * (x - before), zero]);
    }
    found.push([x, keep(y, zero)]);
  });
  return found;
}

function line(points, start) {
  return points.map(([x, y], place) => `${place === 0 ? start : "L"}${x.toFixed(1)},${y.toFixed(1)}`).join("");
}

function lineLegend() {
  const sample = (name) =>
    svg("svg", { width: 28, height: 10, "aria-hidden": "true" }, svg("path", { class: `line ${name}`, d: "M1,5H27" }));
  return html(
    "p",
    { class: "legend" },
    html("span", {}, sample("whole"), " the whole review"),
    html("span", {}, sample("dashed"), " ", html("span", { class: "dashed-name" })),
  );
}

function ends(answer, name, last) {
  const values = answer.trajectory[name];
  const [from, to] = name === "forward" ? [values[0], values[last]] : [values[last], values[0]];
  return `Read ${name}, the line goes from ${signed(from)} to ${signed(to)}.`;
}

function numbers(answer, directions, compared) {
  const other = compared === null ? null : answer.without[compared];
  const gone = other && `without “${answer.tokens[other.removed].text}”`;
  return {
    head: ["word", ...directions, ...(other ? directions.map((name) => `${name}, ${gone}`) : [])],
    rows: answer.tokens.map((word, place) => [
      word.text,
      ...directions.map((name) => signed(answer.trajectory[name][place])),
      ...(other
        ? directions.map((name) => {
            const value = other.trajectory[name][place];
            return value === null ? "–" : signed(value);
          })
        : []),
    ]),
  };
}
