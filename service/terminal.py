"""An explanation for a terminal: the verdict, the text in colours, the numbers word by word."""

import unicodedata
from collections.abc import Iterator

from models.explanation import Explanation, Phrase

_BAR = 12  # signs of the longest bar
_WORD = 24  # columns of the longest word that is shown whole
# Blue and orange of the 256 colours, faint to strong: colours that no kind of colour blindness confuses.
_POSITIVE = (153, 111, 69, 33, 27)
_NEGATIVE = (223, 216, 209, 202, 166)


def lines(text: str, found: Explanation, colours: bool) -> Iterator[str]:
    """Yield the explanation of `text`, line by line; without `colours` in plain signs alone."""
    said = found.prediction
    shares = ", ".join(f"{label} {share:.1%}" for label, share in said.probabilities.items())
    yield f"{_bold(said.label, colours)} {said.score:.1%}   ({shares}; {said.language}, {said.tokens} tokens)"
    if said.warning:
        yield f"warning: {said.warning}"
    yield ""
    largest = max((abs(word.contribution.total) for word in found.words if word.contribution), default=0.0)
    if colours and largest:
        yield "".join(_coloured(text, found, largest))
        yield ""
    yield from _words(found, largest)
    yield (
        f"contributions {found.logit - found.bias:+.3f} and bias {found.bias:+.3f} are the logit {found.logit:+.3f} "
        f"for {found.target}" + ("" if found.completeness_error is None else f" (error {found.completeness_error:.0e})")
    )
    if found.interactions:
        yield from ("", "together beyond what each says by itself")
        for one in found.interactions:
            yield f"  {one.value:+7.2f}  {_cut(text, *one.a)} × {_cut(text, *one.b)}"
    if found.without:
        yield from ("", "without a word")
        for without in found.without:
            share = without.probabilities[without.label]
            yield f"  {without.logit:+7.2f}  {_pad(found.words[without.removed].text, 16)} {without.label} {share:.1%}"
    if found.phrases:
        yield from ("", "phrases, by themselves inside the text")
        yield from _tree(text, found.phrases)
    if found.notes:
        yield ""
        yield from (f"note: {note}" for note in found.notes)


def _words(found: Explanation, largest: float) -> Iterator[str]:
    width = max(_width(word.text[:_WORD]) for word in found.words)
    width = min(width, _WORD)
    yield f"{_pad('', width)}  contribution  forward backward   alone"
    for word in found.words:
        share = word.contribution
        if share is None:
            yield f"{_pad(word.text, width)}  {'':30} {_signed(word.alone):>7}".rstrip()
            continue
        numbers = f"{_signed(share.total):>12} {_signed(share.forward):>8} {_signed(share.backward):>8}"
        bar = ("+" if share.total > 0 else "-") * round(_BAR * abs(share.total) / (largest or 1))
        yield f"{_pad(word.text, width)}  {numbers} {_signed(word.alone):>7}  {bar}".rstrip()


def _coloured(text: str, found: Explanation, largest: float) -> Iterator[str]:
    end = 0
    for word in found.words:
        share = word.contribution.total / largest if word.contribution else 0.0
        strength = min(int(abs(share) * 5), 4)
        colour = (_POSITIVE if share > 0 else _NEGATIVE)[strength]
        gap = text[end : word.start]
        yield _shown(gap) if len(gap) < 40 else " … "
        shown = _cut(text, word.start, word.end)
        yield shown if abs(share) < 0.05 else f"\x1b[48;5;{colour};38;5;16m{shown}\x1b[0m"
        end = word.end


def _tree(text: str, phrases: list[Phrase]) -> Iterator[str]:
    """The root first; each node under the one that it is a part of."""

    def within(one: Phrase, other: Phrase) -> bool:
        return one != other and other.start <= one.start and one.end <= other.end

    def under(node: Phrase, depth: int) -> Iterator[str]:
        yield f"  {node.score:+7.2f}  {'  ' * depth}{_cut(text, node.start, node.end)}"
        inner = [one for one in phrases if within(one, node)]
        parts = [one for one in inner if not any(within(one, other) for other in inner)]
        for part in sorted(parts, key=lambda one: one.start):
            yield from under(part, depth + 1)

    yield from under(phrases[-1], 0)


def _cut(text: str, start: int, end: int) -> str:
    whole = end - start <= 60
    return _shown(text[start:end]) if whole else f"{_shown(text[start : start + 29])} … {_shown(text[end - 28 : end])}"


def _shown(text: str) -> str:
    """Without control characters, which a terminal would obey."""
    return "".join(" " if unicodedata.category(one)[0] in "CZ" else one for one in text)


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value:+.2f}"


def _bold(text: str, colours: bool) -> str:
    return f"\x1b[1m{text}\x1b[0m" if colours else text


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


def _pad(text: str, width: int) -> str:
    shown = _shown(text[:width])
    while _width(shown) > width:
        shown = shown[:-1]
    return shown + " " * (width - _width(shown))
