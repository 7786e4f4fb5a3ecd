"""Which column holds the reviews, where nobody said so."""

from service.tables.table import Reader, TableError

DEFAULT = "text"
BY_NAME = "its name is usual for it"
_USUAL = (
    "text review review_text reviewtext review_body content comment comments sentence body message feedback tweet post "
    "评论 评价 内容 文本 评论内容 正文"
).split()


def choose(reader: Reader, asked: str | None, name: str) -> tuple[str, str | None]:
    """The text column, and why it was chosen where it was neither asked for nor the default.

    In order: the one that was asked for; `text`; a usual name, in any case; the only column; the only column of
    strings.

    Parameters: `asked`, from --text-column, or None; `name` of the file, for the message.
    Raises TableError, with the columns there are, where none is found or the name is there twice.
    """
    columns = reader.columns
    listed = ", ".join(map(repr, columns[:50])) + (f" and {len(columns) - 50} more" if len(columns) > 50 else "")
    if asked is not None:
        if asked not in columns:
            raise TableError(f"{name} has no column {asked!r}, which --text-column names. Columns: {listed}")
        chosen, reason = asked, None
    else:
        chosen, reason = _found(columns, reader.string_columns)
        if not chosen:
            raise TableError(f"no column of {name} is clearly the text. Name it with --text-column. Columns: {listed}")
    if columns.count(chosen) > 1:
        raise TableError(
            f"{name} has {columns.count(chosen)} columns {chosen!r}. Rename one of them. Columns: {listed}"
        )
    return chosen, reason


def _found(columns: list[str], string_columns: list[str]) -> tuple[str, str | None]:
    if DEFAULT in columns:
        return DEFAULT, None
    by_name = {column.strip().lower(): column for column in reversed(columns)}
    for usual in _USUAL:
        if usual in by_name:
            return by_name[usual], BY_NAME
    if len(columns) == 1:
        return columns[0], "it is the only column"
    if len(string_columns) == 1:
        return string_columns[0], "it is the only column of text"
    return "", None
