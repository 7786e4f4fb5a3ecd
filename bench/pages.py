"""Writes what a bench measured into a page of the documentation."""

import re
from pathlib import Path


def write_between(page: Path, name: str, text: str) -> None:
    """Puts text between the markers `<!-- name -->` and `<!-- end of name -->` of a page.

    Raises ValueError where the page hasn't both, once each and in order.
    """
    start, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    written, count = re.subn(
        f"({re.escape(start)}).*?({re.escape(end)})",
        lambda match: f"{match[1]}{text}\n{match[2]}",
        page.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    if count != 1:
        raise ValueError(f"{page} has {count} places between {start.strip()} and {end}; expected one")
    page.write_text(written, encoding="utf-8")
