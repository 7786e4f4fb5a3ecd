"""Scores a file of reviews: the same rows come out with what the model says of each.

python -m service.score reviews.csv        # writes reviews.scored.csv; --help says the rest

Its parts: job.py decides what is read and written, tables/ reads and writes it, scoring.py scores a window of rows.
"""

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tqdm import tqdm

from service.cores import available_cores
from service.job import Job, plan
from service.settings import PREFIX, Settings, SettingsError
from service.tables.formats import open_writer
from service.tables.place import COMPRESSIONS, FORMAT_NAMES, FORMATS
from service.tables.table import TableError
from service.tables.target import silence, target

if TYPE_CHECKING:
    from models.predictor import Predictor

SCORED, RUN_FAILED, WRONG_USAGE, ROWS_FAILED = 0, 1, 2, 3
HUNG_UP, INTERRUPTED, NOBODY_READS, TERMINATED = 129, 130, 141, 143  # 128 and the signal's number

EPILOG = """\
added columns:
  label, score, error           in every format; error says why a row has no answer
  probabilities                 JSONL: an object, Parquet: a struct
  p_negative, p_neutral, p_positive   CSV and TSV

exit status:
  0    every row was scored
  1    the run failed: no output file was written
  2    wrong usage
  3    the run ended, but some rows could not be scored: see their column `error`
  130  interrupted, 143 terminated, 129 the terminal was closed: no output file was written
  141  whoever read standard output stopped reading

examples:
  python -m service.score reviews.csv                                  writes reviews.scored.csv
  python -m service.score reviews.parquet --output out.jsonl.gz        another format, packed
  python -m service.score hotel.tsv --text-column comment --prefix m_  columns m_label, m_score, ...
  zcat reviews.jsonl.gz | python -m service.score - > scored.jsonl     as a filter
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit status; a failure that a user can cause is one line on standard error."""
    options = _parser().parse_args(arguments)
    # So that what is unfinished is removed on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup ignores it
        signal.signal(signal.SIGHUP, lambda *_: sys.exit(HUNG_UP))
    try:
        settings = Settings.from_environment()
        with plan(
            options.input, options.output, options.text_column, options.format, options.prefix, options.force
        ) as job:
            for note in job.notes:
                say(note)
            predictor = _load(options, settings)
            return _run(job, predictor, options.batch_size or settings.batch_size)
    except (SettingsError, TableError) as error:
        say(str(error))
        return WRONG_USAGE if isinstance(error, SettingsError) else RUN_FAILED
    except BrokenPipeError:
        silence(sys.stdout)
        return NOBODY_READS
    except OSError as error:
        silence(sys.stdout)
        say(f"can't write the output: {error.strerror or error}")
        return RUN_FAILED
    except KeyboardInterrupt:
        say("interrupted: no output file was written")
        return INTERRUPTED


def say(message: str) -> None:
    """One line for a person, on standard error; standard output is for rows."""
    print(f"undertone: {message}", file=sys.stderr)


def _run(job: Job, predictor: "Predictor", batch_size: int) -> int:
    """Scores every window, and says at the end how many rows were scored and how many were not."""
    from service.scoring import score

    start = time.perf_counter()
    rows, errors, first = 0, 0, ""
    with (
        target(job.output) as stream,
        open_writer(stream, job.output.format, job.reader, job.format, job.added) as writer,
        tqdm(total=job.reader.total, unit="row", disable=None) as bar,  # None: no bar unless on a terminal
    ):
        for window in job.reader.windows(job.text_column):
            verdicts = score(window, predictor, batch_size)
            writer.write(window, verdicts)
            failed = [number for number, verdict in enumerate(verdicts, rows + 1) if verdict.error is not None]
            if failed and not errors:
                first = f"the first is row {failed[0]:,}: {verdicts[failed[0] - rows - 1].error}"
            rows += len(verdicts)
            errors += len(failed)
            bar.total = job.expected_rows(rows)
            bar.update(len(verdicts))
    seconds = time.perf_counter() - start
    if errors:
        say(f"not every row was scored; {first}")
    say(
        f"{rows:,} rows: {rows - errors:,} scored, {errors:,} errors, in {seconds:.1f} s "
        f"({rows / seconds:,.0f} rows/s), written to {job.output}"
    )
    return ROWS_FAILED if errors else SCORED


def _load(options: argparse.Namespace, settings: Settings) -> "Predictor":
    """The predictor, on no more threads than the container has cores. Imports torch, which takes seconds, only now."""
    try:
        import torch

        from models.artifact import ArtifactError
        from models.predictor import Predictor

        torch.set_num_threads(min(torch.get_num_threads(), available_cores()))
        path, device = options.model or settings.model, options.device or settings.device
        try:
            return Predictor.load(path, device, settings.model_sha256)
        except ArtifactError as error:
            raise TableError(str(error)) from None
    except OSError as error:  # a library that can't be opened, no memory, no disk
        raise TableError(
            f"can't load torch and the model, no output file was written: {error}. Check free memory and disk; if a "
            "library is missing, install requirements.txt anew"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.score",
        description="Scores a file of reviews: every row comes out again, in order, with label and probabilities.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    endings = f"{', '.join(FORMATS)}, plain or with {', '.join(COMPRESSIONS)}"
    parser.add_argument("input", metavar="INPUT", help=f"file of reviews ({endings}), or - for standard input")
    parser.add_argument(
        "--output",
        metavar="OUTPUT",
        help="file to write, in the format that its ending names, or - for standard output "
        "(default: INPUT's name with .scored before its ending; standard output where INPUT is -)",
    )
    parser.add_argument(
        "--text-column",
        metavar="NAME",
        help="column of the reviews (default: text, else the one whose name or kind says so, named on standard error)",
    )
    parser.add_argument(
        "--format",
        choices=FORMAT_NAMES,
        help="format of - (default: standard input by its first bytes, standard output like INPUT)",
    )
    parser.add_argument(
        "--prefix", default="", help="put before the names of the added columns, where INPUT has such names already"
    )
    parser.add_argument("--force", action="store_true", help="replace OUTPUT where it exists")
    parser.add_argument("--model", metavar="PATH", help=f"artifact ({_default('model')})")
    parser.add_argument("--device", help=f"auto, cpu, cuda or cuda:N ({_default('device')})")
    parser.add_argument(
        "--batch-size",
        type=_positive,
        metavar="N",
        help=f"texts that pass through the network together ({_default('batch_size')})",
    )
    return parser


def _default(setting: str) -> str:
    return f"default: {PREFIX}{setting.upper()}, or {Settings.model_fields[setting].default}"


def _positive(text: str) -> int:
    number = int(text) if text.isdecimal() else 0
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1 up")
    return number


if __name__ == "__main__":
    sys.exit(main())
