// Cuts a text into its words and what stands between them.

/**
 * Returns the pieces of `text` in order: {word, text} for a word, its place in `words`, and {text, unread} for a gap;
 * `unread` where the gap holds more than space. Offsets count code points, JavaScript's strings UTF-16 units.
 */
export function pieces(text, words) {
  const points = Array.from(text);
  const found = [];
  let end = 0;
  const gap = (from, to) => {
    const between = points.slice(from, to).join("");
    if (between) found.push({ text: between, unread: between.trim() !== "" });
  };
  words.forEach((word, place) => {
    gap(end, word.start);
    found.push({ word: place, text: points.slice(word.start, word.end).join("") });
    end = word.end;
  });
  gap(end, points.length);
  return found;
}

/** Returns the places of the first and the last word inside a span of code points. */
export function run(words, start, end) {
  const inside = words.map((word, place) => place).filter((place) => words[place].start < end && start < words[place].end);
  return [inside[0], inside[inside.length - 1]];
}

/** Returns the words from `first` to `last` in a few characters, the middle left out where there are many. */
export function quoted(words, first, last, language) {
  const between = language === "zh" ? "" : " ";
  const texts = words.slice(first, last + 1).map((word) => word.text);
  const few = texts.length > 6 ? [...texts.slice(0, 3), "…", ...texts.slice(-2)] : texts;
  return `“${few.join(between)}”`;
}
