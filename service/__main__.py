"""Serves the API:

python -m service           on http://127.0.0.1:8000, with the settings of the environment
python -m service --help    lists every setting
"""

import argparse
import os
import sys

from service import tls
from service.authentication import keys_of
from service.settings import Settings, SettingsError, as_text


def main(arguments: list[str] | None = None) -> int:
    """Replace this process with gunicorn. Returns only for settings that can't be used: 2."""
    _open_standard_files()
    parser = argparse.ArgumentParser(
        prog="python -m service",
        description="Serves POST /predict over HTTP. Settings are environment variables:",
        epilog=as_text(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.parse_args(arguments)
    try:
        settings = Settings.from_environment()
        keys_of(settings)
        tls.check(settings)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    command = [sys.executable, "-m", "gunicorn", "--config", "python:service.gunicorn_conf"]
    os.execv(command[0], command)  # noqa: S606 - the process that was started is the one that gets the signals


def _open_standard_files() -> None:
    """Where one of them is closed, the first socket would take its number, and get what is meant for it."""
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        if stream is None:  # closed when Python began; a file that was opened since may have the number
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            os.set_inheritable(number, True)


if __name__ == "__main__":
    sys.exit(main())
