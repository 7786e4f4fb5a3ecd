"""Tables that read well both in a terminal and as Markdown."""

from collections.abc import Sequence


def table(header: Sequence[str], rows: Sequence[Sequence[object]], left: int = 1) -> str:
    """A Markdown table with aligned columns: the first `left` to the left, the others, numbers, to the right."""
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in (header, *rows)]
    widths = [max(3, *(len(row[column]) for row in cells)) for column in range(len(header))]
    lines = [
        "| "
        + " | ".join(
            cell.ljust(width) if column < left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in cells
    ]
    rule = "|" + "|".join("-" * (w + 2) if c < left else "-" * (w + 1) + ":" for c, w in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def share(value: float | None) -> str:
    """0.8765 -> `0.877`; a dash for None."""
    return "–" if value is None else f"{value:.3f}"


def percent(value: float | None) -> str:
    """0.0123 -> `1.2 %`; a dash for None."""
    return "–" if value is None else f"{value:.1%}".replace("%", " %")
