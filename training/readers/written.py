"""The project's own sentences, written one by one: `training/context/`, which trains, and `tests/behaviour/`, which
measures.

TSV without a header or quoting, one text a line: label, capability, text. In training/context/ the file's name says the
language and the split: english_dev.tsv, chinese_calibration.tsv; any other name trains. The probes of tests/behaviour/
are all for measuring; `{Anna|Mehmet} was …` stands there for texts that differ in nothing else.
"""

import re
from pathlib import Path

from models.labels import LABELS
from training.readers.reading import Problem, Reading, SourceFile, sha256_of
from training.review import Review
from training.splits import CALIBRATION, DEV, TRAIN

ROOT = Path(__file__).parent.parent.parent
CONTEXT = ROOT / "training" / "context"
PROBES = ROOT / "tests" / "behaviour"
LANGUAGES = {"english": "en", "chinese": "zh"}


def read_context(folder: Path = CONTEXT) -> Reading:
    """The corpus `context`; the capability is a review's group."""
    reading = Reading()
    for path in _files(folder):
        last = path.stem.rpartition("_")[2]
        reading.add(_read(path, "context", last if last in (DEV, CALIBRATION) else TRAIN))
    return reading


def read_probes(folder: Path = PROBES) -> Reading:
    """The corpus `probes`, of split dev; the texts that one line stands for share its `source`."""
    reading = Reading()
    for path in _files(folder):
        reading.add(_read(path, "probes", DEV))
    return reading


def spell_out(text: str) -> list[str]:
    """The texts that `{a|b}` stands for, its alternatives in turn; one without braces stands for itself.

    Raises ValueError where a text has two such places, or one without a choice.
    """
    if not re.search("[{}|]", text):
        return [text]
    match = re.fullmatch(r"([^{}|]*)\{([^{}|]+(?:\|[^{}|]+)+)\}([^{}|]*)", text)
    if not match:
        raise ValueError("braces that are no {one|other}; expected one such place, with several alternatives")
    before, alternatives, after = match.groups()
    return [before + one + after for one in alternatives.split("|")]


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.tsv") if path.stem.partition("_")[0] in LANGUAGES)


def _read(path: Path, corpus: str, split: str) -> Reading:
    reading = Reading()
    shown = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    language = LANGUAGES[path.stem.partition("_")[0]]
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        place = f"{shown}:{number}"
        fields = line.split("\t")
        if len(fields) != 3 or fields[0] not in LABELS or not fields[1] or not fields[2].strip():
            reason = f"{len(fields)} fields; expected {' or '.join(LABELS)}, a capability and a text, tab-separated"
            reading.problems.append(Problem(corpus, place, reason))
            continue
        label, capability, text = fields
        try:
            texts = spell_out(text) if corpus == "probes" else [text]
        except ValueError as error:
            reading.problems.append(Problem(corpus, place, str(error)))
            continue
        reading.reviews += [
            Review(one, LABELS.index(label), language, corpus, split, place, capability) for one in texts
        ]
    reading.files.append(SourceFile(shown, sha256_of(path), len(reading.reviews)))
    return reading
