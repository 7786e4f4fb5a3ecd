"""Writes English and Chinese context sentences, labelled negative, neutral or positive, from a seeded grammar.

    python -m training.starter --count 20 --seed 0

They teach what labelled reviews alone do not: negation in both directions, contrast, expectation, plain facts,
names that must not matter. Mixed in small share into the real recipe, and with `training/context/`, which is written
sentence by sentence, enough to train a starter model with no corpus at all. They only train: what is measured on is
written by hand (`training/context/*_dev.tsv`, `tests/behaviour/`).
"""

from __future__ import annotations

import argparse
import re
import sys
from random import Random

from models.labels import LABELS
from training.review import Review
from training.splits import TRAIN
from training.starter_grammar.writer import Writer

# The sentences that the default model is shown on, and near copies of them, are never written.
FORBIDDEN = re.compile(
    r"flowers?\b.*\bbeautiful|beautiful\b.*\bflowers?\b|数学|\bmaths?\b"
    r"|(酒店|宾馆|旅馆|旅店|民宿).*没有?(想象|想像|预想|预期)[中的]*那?么?差"
    r"|\b(package|parcel)s?\b.*\barrived?\b"
    r"|^i (do not|dont) think (the|this|that|these|those|our|my) [\w ]{1,30} (is|are|was|were) \w+$|^我不喜欢\w{1,6}$"
)
# So often in a row may a capability fail to give a new sentence before it counts as used up.
_PATIENCE = 200
# How many turns a capability has beside the one of the others in training: that a negator turns what follows, however
# it is said, is a rule over pairs of words, and takes the most examples.
_OFTEN = {"negated_positive": 5, "negated_negative": 5}


def write_reviews(count: int, seed: int) -> list[Review]:
    """Writes distinct training sentences, half English and half Chinese, capabilities and labels in turn.

    The same arguments give the same list on any machine.

    Args:
        count: how many sentences, 0 or more.
        seed: any integer.

    Returns:
        Reviews with corpus "starter", the capability as group and source "starter:SEED:INDEX".

    Raises:
        ValueError: count is negative, or the grammar has no more distinct sentences.
    """
    if count < 0:
        raise ValueError(f"count is {count}: expected 0 or more")
    random = Random(f"undertone starter {seed}")
    found: list[tuple[str, int, str, str]] = []
    for language, share in (("en", count - count // 2), ("zh", count // 2)):
        found += _write(language, share, random)
    random.shuffle(found)
    return [
        Review(text, label, language, "starter", TRAIN, f"starter:{seed}:{index}", capability)
        for index, (text, label, language, capability) in enumerate(found)
    ]


def normal_form(text: str) -> str:
    """Letters and digits in lower case with single spaces: texts that differ in no more are the same sentence."""
    return " ".join(re.sub(r"[^\w\s]|_", "", text.lower()).split())


def _write(language: str, count: int, random: Random) -> list[tuple[str, int, str, str]]:
    writer = Writer(language, random)
    turns = dict.fromkeys(writer.capabilities, 0)
    seen: set[str] = set()
    found: list[tuple[str, int, str, str]] = []
    while len(found) < count:
        if not turns:
            raise ValueError(f"the {language} grammar gave {len(found)} sentences, not {count}: ask for fewer")
        order = [one for one in turns for _ in range(_OFTEN.get(one, 1))]
        for capability in order[: count - len(found)]:
            if capability not in turns:
                continue
            turn = turns[capability]
            labels = writer.capabilities[capability]
            label = labels[turn % len(labels)]
            for _ in range(_PATIENCE):
                text = writer.sentence(capability, label, turn // len(labels))
                normal = normal_form(text)
                if normal.replace(" ", "") not in seen and not FORBIDDEN.search(normal):
                    break
            else:
                del turns[capability]
                continue
            seen.add(normal.replace(" ", ""))
            turns[capability] += 1
            found.append((text, label, language, capability))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Prints label, capability and text, tab-separated; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m training.starter",
        description="Writes labelled English and Chinese context sentences as TSV: label, capability, text.",
    )
    parser.add_argument("--count", type=int, default=20, help="how many sentences (default: 20)")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same sentences (default: 0)")
    options = parser.parse_args(arguments)
    try:
        reviews = write_reviews(options.count, options.seed)
    except ValueError as error:
        parser.error(str(error))
    for review in reviews:
        print(LABELS[review.label or 0], review.group, review.text, sep="\t")
    return 0


if __name__ == "__main__":
    sys.exit(main())
