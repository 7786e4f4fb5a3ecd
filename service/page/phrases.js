// The phrase tree: words, or clauses of a long text, joined step by step, each with what it says by itself.

import { svg, tint } from "./elements.js";
import { Frame, colourLegend } from "./frame.js";
import { colourLimit, signed } from "./numbers.js";
import { quoted, run } from "./text.js";

const LEVEL = 32;
const BOX = 22;
const LABEL = 52; // pixels that a number needs

/** Returns {element, draw, select} of the chart; null where the answer holds no tree. */
export function phrases(answer, selection, panes) {
  const { tokens, prediction } = answer;
  if (answer.phrases.length < 2) return null;
  const nodes = tree(answer.phrases.map((one) => ({ words: run(tokens, one.start, one.end), score: one.score })));
  const limit = colourLimit(nodes.map((node) => node.score));
  const top = Math.max(...nodes.map((node) => node.level));
  const name = (node) => quoted(tokens, ...node.words, prediction.language);
  const root = nodes[nodes.length - 1];
  const frame = new Frame(
    {
      title: "Phrases by themselves",
      how: [
        "What each phrase says by itself, inside this review. Neighbours that change most by being together are joined " +
          "first; at the top stands the whole review. Follow a word upwards to see where its meaning turns.",
      ],
      summary: `${nodes.length} phrases; the whole, at the top, says ${signed(root.score)}.`,
      numbers: () => ({ head: ["phrase", "says by itself"], rows: nodes.map((node) => [name(node), signed(node.score)]) }),
      legend: colourLegend("sentiment", signed(-limit, 1), "logits", signed(limit, 1),
        `Boxes from orange, ${signed(-limit, 1)}, to blue, ${signed(limit, 1)}`),
    },
    selection,
    panes,
  );
  let boxes = [];
  let labels = [];
  let shownAxis = null;

  function draw(axis) {
    shownAxis = axis;
    const y = (level) => 4 + (top - level) * LEVEL;
    const twigs = nodes
      .filter((node) => node.parent !== null)
      .map((node) => {
        const x = axis.middle(...node.words);
        return svg("path", { class: "twig", d: `M${x},${y(node.level)}V${y(node.parent.level) + BOX}` });
      });
    labels = nodes.map((node) => svg("text", { "text-anchor": "middle", y: y(node.level) + 15 }, signed(node.score, 1)));
    boxes = nodes.map((node, place) => {
      const width = axis.span(...node.words) - 4;
      const box = svg("g", { class: "phrase" },
        svg("rect", { x: axis.left(node.words[0]) + 2, y: y(node.level), width, height: BOX, rx: 5 }), labels[place]);
      return tint(box, node.score, limit);
    });
    frame.draw(axis, (top + 1) * LEVEL, [...twigs, ...boxes], []);
    slide(0, axis.width);
  }

  /** Moves each number to the middle of what is visible of its box. */
  function slide(left, width) {
    nodes.forEach((node, place) => {
      const from = Math.max(shownAxis.left(node.words[0]), left);
      const to = Math.min(shownAxis.left(node.words[1] + 1), left + width);
      labels[place].setAttribute("x", to - from > LABEL ? (from + to) / 2 : shownAxis.middle(...node.words));
    });
  }
  panes.watch(slide);

  return {
    element: frame.element,
    draw,
    select(place) {
      const holding = nodes.filter((node, index) => {
        const holds = node.words[0] <= place && place <= node.words[1];
        boxes[index].classList.toggle("touched", holds);
        return holds;
      });
      frame.mark(place, holding.map((node) => `${name(node)} ${signed(node.score)}`).slice(0, 2).join(", then ") +
        (holding.length > 2 ? `, … the whole ${signed(root.score)}` : ""));
    },
  };
}

/** Returns the nodes, which stand leaves first and each parent after its children, with `level` and `parent`. */
function tree(nodes) {
  const open = new Map();
  return nodes.map(({ words, score }) => {
    const node = { words, score, level: 0, parent: null };
    const children = [...open.values()].filter((one) => words[0] <= one.words[0] && one.words[1] <= words[1]);
    for (const child of children) {
      child.parent = node;
      node.level = Math.max(node.level, child.level + 1);
      open.delete(child.words[0]);
    }
    open.set(words[0], node);
    return node;
  });
}
