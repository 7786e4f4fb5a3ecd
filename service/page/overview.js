// A strip with the whole of a long review, which shows what part of it the charts hold and takes them elsewhere.

import { html, svg, tint } from "./elements.js";

const HEIGHT = 40;
const BAR = 4; // pixels

/** Returns {elements, draw} of the strip; hidden where everything fits. Keys move along the words instead. */
export function overview(answer, panes) {
  const brought = answer.tokens.map((word) => word.contribution?.total ?? 0);
  const picture = svg("svg", { height: HEIGHT, "aria-hidden": "true" });
  const view = svg("rect", { class: "window", y: 1, height: HEIGHT - 2, rx: 4 });
  const how = "The strip is the whole review, its frame what the pictures show. Drag the frame, or scroll the pictures.";
  const elements = [html("p", { class: "quiet" }, how), html("div", { class: "overview" }, picture)];
  let axis = null;
  const scale = () => picture.clientWidth / axis.width;

  panes.watch((left, width) => {
    if (picture.clientWidth === 0) return; // hidden
    view.setAttribute("x", left * scale());
    view.setAttribute("width", Math.max(6, width * scale()));
  });
  const go = (event) => {
    const x = event.clientX - picture.getBoundingClientRect().left;
    panes.scrollTo(x / scale() - Number(view.getAttribute("width")) / scale() / 2);
  };
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    go(event);
  });
  picture.addEventListener("pointermove", (event) => event.buttons === 1 && go(event));

  return {
    elements,
    draw(next, available) {
      axis = next;
      const fits = axis.width <= available + 1;
      for (const element of elements) element.hidden = fits;
      if (fits) return;
      const count = Math.floor(picture.clientWidth / BAR);
      const sums = new Array(count).fill(0);
      brought.forEach((value, place) => {
        sums[Math.min(count - 1, Math.floor((axis.middle(place) / axis.width) * count))] += value;
      });
      const limit = Math.max(...sums.map(Math.abs), 1e-9);
      const bars = sums.map((value, place) => {
        const height = (Math.abs(value) / limit) * (HEIGHT / 2 - 3);
        const y = value < 0 ? HEIGHT / 2 : HEIGHT / 2 - height;
        return tint(svg("rect", { class: "cell", x: place * BAR, y, width: BAR - 1, height: Math.max(0.5, height) }), Math.sign(value), 1);
      });
      picture.replaceChildren(...bars, view);
    },
  };
}
