// The word that all views show: the one under the pointer, else the one that was chosen last.

export class Selection {
  #chosen;
  #hovered = null;
  #count;
  #views = [];

  /** `count` words, of which `chosen` is shown first. */
  constructor(count, chosen) {
    this.#count = count;
    this.#chosen = chosen;
  }

  /** The place of the word that is shown. */
  get place() {
    return this.#hovered ?? this.#chosen;
  }

  /** Calls `view(place, chosen)` whenever the word changes; `chosen` where a person picked it, not passed over it. */
  watch(view) {
    this.#views.push(view);
  }

  /** Shows the word at `place` while the pointer is over it; null when it leaves. */
  hover(place) {
    if (place === this.#hovered) return;
    this.#hovered = place;
    this.#tell(false);
  }

  /** Keeps the word at `place`; past an end, the word at that end. */
  choose(place) {
    this.#hovered = null;
    this.#chosen = Math.max(0, Math.min(this.#count - 1, place));
    this.#tell(true);
  }

  /** Moves by a key: arrows, Home, End. */
  key(event) {
    const steps = { ArrowLeft: this.place - 1, ArrowRight: this.place + 1, Home: 0, End: this.#count - 1 };
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    this.choose(steps[event.key]);
  }

  #tell(chosen) {
    for (const view of this.#views) view(this.place, chosen);
  }
}
