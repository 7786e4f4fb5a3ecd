"""Says why a review means what it means, on a terminal or as a stand-alone HTML file.

python -m service.explain "i do not think the flower is beautiful"
python -m service.explain --html why.html - < review.txt
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from models.text import TextError
from service.model_slot import model_info
from service.settings import PREFIX, Settings, SettingsError
from service.standalone import standalone
from service.terminal import lines

EXPLAINED, FAILED, WRONG_USAGE = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the script and returns its exit status; a failure that a user can cause is one line on standard error."""
    options = _parser().parse_args(arguments)
    try:
        settings = Settings.from_environment()
        text = sys.stdin.buffer.read().decode("utf-8").strip() if options.text == "-" else options.text
        from models.artifact import ArtifactError  # imports torch, which takes seconds
        from models.predictor import Predictor

        try:
            predictor = Predictor.load(options.model or settings.model, settings.device, settings.model_sha256)
            found = predictor.explain(text, options.target, options.method)
        except (ArtifactError, TextError) as error:
            return _fail(str(error), FAILED)
        if options.html:
            answer = found.to_dict() | {"model": model_info(predictor)}
            options.html.write_text(standalone(text, answer), encoding="utf-8")
            print(f"undertone: written to {options.html}", file=sys.stderr)
        colours = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        for line in lines(text, found, colours):
            print(line)
    except SettingsError as error:
        return _fail(str(error), WRONG_USAGE)
    except UnicodeDecodeError as error:
        return _fail(f"standard input is no UTF-8: byte {error.start} can't be read", FAILED)
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - so that nothing is flushed into the pipe at the exit
        return FAILED
    except OSError as error:
        return _fail(f"can't write {error.filename or 'the output'}: {error.strerror}", FAILED)
    return EXPLAINED


def _fail(message: str, status: int) -> int:
    print(f"undertone: {message}", file=sys.stderr)
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.explain",
        description="Says why a review means what it means: what each word brought, what it would mean without it.",
        epilog="In colours on a terminal (not where NO_COLOR is set), in plain text elsewhere.",
    )
    parser.add_argument("text", metavar="TEXT", help="the review, or - for standard input")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the page with this answer as well")
    parser.add_argument(
        "--target",
        choices=("positive", "negative", "neutral"),
        default="positive",
        help="label for which numbers are positive (default: positive)",
    )
    parser.add_argument(
        "--method",
        choices=("signals", "writes"),
        default="signals",
        help="how the verdict is shared out over words, see docs/explaining.md (default: signals)",
    )
    default = Settings.model_fields["model"].default
    parser.add_argument("--model", metavar="PATH", help=f"artifact (default: {PREFIX}MODEL, or {default})")
    return parser


if __name__ == "__main__":
    sys.exit(main())
