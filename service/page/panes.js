// Scrolls all charts sideways together, and brings the chosen word into view.

const MARGIN = 60; // pixels that stay visible beside the chosen word

export class Panes {
  #panes = [];
  #watchers = [];

  /** Takes an element that scrolls sideways. */
  add(pane) {
    this.#panes.push(pane);
    pane.addEventListener("scroll", () => this.#moved(pane), { passive: true });
  }

  /** Calls `watcher(left, width)` with what is visible, whenever that changes. */
  watch(watcher) {
    this.#watchers.push(watcher);
  }

  /** Scrolls to `left`. */
  scrollTo(left) {
    if (this.#panes.length === 0) return;
    this.#panes[0].scrollLeft = left;
    this.#moved(this.#panes[0]);
  }

  /** Scrolls as little as shows the columns from `left` to `right`, and tells the watchers in any case. */
  show(left, right) {
    if (this.#panes.length === 0) return;
    const { scrollLeft, clientWidth } = this.#panes[0];
    const margin = Math.min(MARGIN, clientWidth / 4);
    if (left - margin < scrollLeft) this.scrollTo(left - margin);
    else this.scrollTo(Math.max(scrollLeft, right + margin - clientWidth));
  }

  #moved(source) {
    for (const pane of this.#panes) {
      if (pane !== source && Math.abs(pane.scrollLeft - source.scrollLeft) >= 1) pane.scrollLeft = source.scrollLeft;
    }
    for (const watcher of this.#watchers) watcher(source.scrollLeft, source.clientWidth);
  }
}
