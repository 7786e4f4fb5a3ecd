"""Where a table lies and what it is: format and compression by the endings of its name."""

from dataclasses import dataclass
from pathlib import Path

from service.tables.table import TableError

FORMATS = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
COMPRESSIONS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
STANDARD = "-"


FORMAT_NAMES = ("csv", "tsv", "jsonl", "parquet")


@dataclass(frozen=True, slots=True)
class Place:
    """A file, or standard input or output where `path` is None.

    `format` is one of FORMAT_NAMES, or "" where only the bytes can tell; `compression` None or a value of COMPRESSIONS.
    """

    path: Path | None
    format: str
    compression: str | None = None

    def __str__(self) -> str:
        return str(self.path) if self.path else "standard output"


def place_of(name: str, role: str, standard_format: str | None) -> Place:
    """Tells format and compression by the file's endings, in any case.

    Parameters: `name`, a path, or - for standard input or output, which is of `standard_format`; `role`, "INPUT" or
    "OUTPUT", for the message.
    Raises TableError for an ending that is unknown.
    """
    if name == STANDARD:
        return Place(None, standard_format or "")
    path = Path(name)
    if path.is_dir():
        raise TableError(f"{role} {name} is a folder; expected a file")
    _, endings = _split(path.name)
    if not endings:
        raise TableError(
            f"{role} is {name!r}, whose ending names no known format; expected {', '.join(FORMATS)}, then "
            f"{', '.join(COMPRESSIONS)} where it is compressed. Rename it, or use - with --format"
        )
    ending = next(known for known in FORMATS if endings.lower().startswith(known))
    return Place(path, FORMATS[ending], COMPRESSIONS.get(endings.lower().removeprefix(ending)))


def scored_name(path: Path) -> Path:
    """The default OUTPUT: reviews.csv.gz -> reviews.scored.csv.gz, in the same folder."""
    stem, endings = _split(path.name)
    return path.with_name(f"{stem}.scored{endings}")


def check_output(source: Path | None, output: Path, force: bool) -> None:
    """Refuses an OUTPUT that would destroy something, before any work is done. Raises TableError."""
    if not output.parent.is_dir():
        raise TableError(f"the folder of OUTPUT, {output.parent}, does not exist. Create it first")
    if not output.exists():
        if output.is_symlink():
            raise TableError(f"OUTPUT {output} is a link to a file that does not exist. Give the file's own name")
        return
    if source and source.exists() and output.samefile(source):
        raise TableError(f"OUTPUT {output} is INPUT itself. Give another name; INPUT is never overwritten")
    if not output.is_file():
        raise TableError(f"OUTPUT {output} exists and is no regular file. Give another name, or - for standard output")
    if not force:
        raise TableError(f"OUTPUT {output} exists. Give another name, or --force to replace it")


def _split(name: str) -> tuple[str, str]:
    """reviews.CSV.gz -> ("reviews", ".CSV.gz"); no endings where they name no format."""
    lower = name.lower()
    for packed in ("", *COMPRESSIONS):
        for ending in FORMATS:
            if lower.endswith(ending + packed):
                cut = len(name) - len(ending + packed)
                return name[:cut], name[cut:]
    return name, ""
