"""Reads the template files: `## capability` opens a list, then one template a line, `LABEL TOPICS | text`.

LABEL is `+`, `-`, `0`, or `~` for both directions (`{x}` then has the label's polarity and `{y}` the other).
TOPICS restricts the template (`story food`, or `!people` for all but one); without any it fits all. `[a|b]` is a
choice, and `filling.py` fills each `{slot}`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from random import Random

_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{([^{}]+)\}")
_LABELS = {"+": (2,), "-": (0,), "0": (1,), "~": (0, 2)}


@dataclass(frozen=True)
class Template:
    """One template.

    Attributes:
        capability: what it tests, the heading it stands under.
        labels: the labels it can be written with (indices into `models.labels.LABELS`).
        topics: the topics it fits, or with "!" those it does not; empty for all.
        text: the text with choices and slots.
        line: its line in the file, for error messages.
    """

    capability: str
    labels: tuple[int, ...]
    topics: tuple[str, ...]
    text: str
    line: int

    def fits(self, topic: str) -> bool:
        """Whether the template may be filled with words of a topic."""
        wanted = [name for name in self.topics if name[0] != "!"]
        return "!" + topic not in self.topics and (not wanted or topic in wanted)

    def choose(self, random: Random) -> str:
        """The text with each `[a|b]` (innermost first) replaced by one of its alternatives."""
        text = self.text
        while match := _CHOICE.search(text):
            text = text[: match.start()] + random.choice(match[1].split("|")) + text[match.end() :]
        return text

    def slots(self) -> set[str]:
        """The names in braces."""
        return set(_SLOT.findall(self.text))

    def skeletons(self) -> set[str]:
        """Every wording without its content: choices spelled out, each slot `_`, lower case, no punctuation."""
        done, todo = set(), [self.text]
        while todo:
            text = todo.pop()
            if match := _CHOICE.search(text):
                todo += [text[: match.start()] + part + text[match.end() :] for part in match[1].split("|")]
            else:
                bare = re.sub(r"[^\w\s]", "", _SLOT.sub("_", text).lower())
                done.add(" ".join(bare.split()))
        return done


def read_templates(path: Path) -> list[Template]:
    """Reads one template file.

    Raises:
        ValueError: a line is no heading, no comment and no template; the message names file and line.
    """
    templates: list[Template] = []
    capability = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("## "):
            capability = line[3:].strip()
        elif line.strip() and not line.startswith("# "):
            head, bar, text = line.partition(" | ")
            label, *topics = head.split() or [""]
            if not bar or label not in _LABELS or not capability:
                raise ValueError(f"{path.name}:{number}: expected 'LABEL TOPICS | text' under a '## capability'")
            templates.append(Template(capability, _LABELS[label], tuple(topics), text.strip(), number))
    return templates
