"""Line breaks of HTML -> line breaks: what IMDB's texts and their edits hold."""

import re

BREAK = re.compile(r"\s*<br\s*/?>\s*", re.IGNORECASE)


def plain(text: str) -> str:
    """The text with each `<br />`, and the white space around it, as one newline; trimmed at both ends."""
    return BREAK.sub("\n", text).strip()
