"""Multi-Domain Sentiment Dataset: product reviews in a mark-up that looks like XML and is not.

Source: Blitzer, Dredze & Pereira 2007, "Biographies, Bollywood, Boom-boxes and Blenders";
https://www.cs.jhu.edu/~mdredze/datasets/sentiment/. Each tag stands on a line of its own; the text between is not
escaped reliably, holds control characters and once had letters that were lost. The domain
`kitchen_&_housewares` belongs to the final measurement and is never opened. The text is the review's own,
without its title: a title often gives the verdict in a word, and other corpora have none.
"""

import html
import re
from pathlib import Path

from models.labels import NEGATIVE, POSITIVE
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.review import Review
from training.splits import TEST, content_split

DOMAINS = ("books", "dvd", "electronics")
LABELS = {"negative": NEGATIVE, "positive": POSITIVE}
RATINGS = {"negative": ("1.0", "2.0"), "positive": ("4.0", "5.0")}
FILES = {(domain, kind): f"amazon/{domain}/{kind}.review" for domain in DOMAINS for kind in LABELS}
FIELD = re.compile(r"^<(rating|review_text)>\n(.*?)^</\1>$", re.MULTILINE | re.DOTALL)
LOST = "ï¿½"  # U+FFFD once more decoded as Latin-1: a letter that was lost before publication


def read(data_dir: Path) -> Reading:
    """Read the three domains under data_dir. The group is the domain; the line is that of `<review>`."""
    reading = Reading()
    for (domain, kind), shown in FILES.items():
        path, rows = data_dir / shown, 0
        for line, block in _blocks(decode(path.read_bytes())):
            place = f"{shown}:{line}"
            fields = {name: value.strip() for name, value in FIELD.findall(block)}
            reason = _flaw(fields, block, kind)
            if reason:
                reading.problems.append(Problem("amazon", place, reason))
                continue
            raw = fields["review_text"]
            split = content_split(raw.replace("\ufffd", LOST))  # the split is of the text as published
            if split == TEST:
                reading.dropped["amazon", "test split"] += 1
                continue
            rows += 1
            reading.reviews.append(Review(clean(raw), LABELS[kind], "en", "amazon", split, place, domain))
        reading.files.append(SourceFile(shown, sha256_of(path), rows))
    return reading


def decode(content: bytes) -> str:
    """The file's text: UTF-8, or Latin-1 where it is not valid UTF-8; lines end with a newline."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def clean(text: str) -> str:
    """Entities undone, each lost letter as one U+FFFD."""
    return html.unescape(text).replace(LOST, "\ufffd").replace("\x1a", "\ufffd").strip()


def _blocks(text: str) -> list[tuple[int, str]]:
    """Each `<review>` up to the next, with the number of its line."""
    starts = [match.start() for match in re.finditer(r"^<review>$", text, re.MULTILINE)]
    blocks, line, before = [], 1, 0
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        line += text.count("\n", before, start)
        before = start
        blocks.append((line, text[start:end]))
    return blocks


def _flaw(fields: dict[str, str], block: str, kind: str) -> str:
    """Why a review can't be used, or an empty string."""
    if not block.rstrip().endswith("</review>"):
        return "the review is not closed by </review>"
    if "review_text" not in fields:
        return "no <review_text> on lines of its own"
    if not fields["review_text"]:
        return "empty review"
    if fields.get("rating") not in RATINGS[kind]:
        expected = " or ".join(RATINGS[kind])
        return f"rating is {fields.get('rating')!r}, expected {expected} in {kind}.review"
    return ""
