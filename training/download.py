"""Corpora that are not under DATA_DIR are fetched from where their authors published them.

pooch holds each file against its hash and puts it in place only when it is whole. What it lacks is here: a
broken transfer goes on where it stopped, in the same run or the next, and no transfer may take for ever.
"""

import logging
import shutil
import tarfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pooch
import requests
import urllib3
from tqdm import tqdm

from training.originals import Original, original_of

CONNECT_SECONDS = 10.0  # until a server answers
IDLE_SECONDS = 30.0  # between two pieces of a file
LIMIT_SECONDS = 3600.0  # for one file: 84 MB at 24 kB/s
CHUNK = 1 << 16  # bytes

log = logging.getLogger(__name__)


class MissingCorpusError(FileNotFoundError):
    """A corpus file is neither on this machine nor to be had; the message says all that is needed to mend it."""


def ensure(file: str, data_dir: Path, download: bool = True, progress: bool = False) -> Path:
    """The path of a corpus file, fetched first if it is missing.

    Parameters:
        file: path under data_dir in the corpus's original layout, one of `training.originals`.
        data_dir: folder of the corpora; made where it is missing.
        download: False leaves the network alone.
        progress: show a bar on a terminal.
    Raises:
        MissingCorpusError: the file is missing and could not, or was not to, be fetched.
    """
    path = data_dir / file
    if path.exists():
        return path
    original = original_of(file)
    if not download:
        raise MissingCorpusError(_advice(file, original, data_dir, "it was not to be downloaded"))
    try:
        fetch(original, data_dir, Downloader(progress))
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, tarfile.TarError) as error:
        reason = f"downloading it failed: {' '.join(str(error).split())}"
        raise MissingCorpusError(_advice(file, original, data_dir, reason)) from error
    return path


def fetch(original: Original, data_dir: Path, downloader: "Downloader") -> None:
    """Download one published file, check its hash and take out the members that are used.

    Raises:
        OSError: the transfer failed (requests' errors are OSErrors).
        ValueError: the hash is another one, or the archive lacks a member.
    """
    pooch.get_logger().setLevel(logging.WARNING)
    target = data_dir / original.path
    pooch.retrieve(original.url, original.known_hash, target.name, target.parent, downloader=downloader)
    if original.known_hash is None:
        seen = pooch.file_hash(str(target))
        target.with_name(target.name + ".sha256").write_text(f"{seen}  {target.name}\n", encoding="utf-8")
        log.warning("%s: no hash is known for %s; what came has SHA-256 %s", target, original.url, seen)
    if original.members:
        _unpack(target, dict(original.members), data_dir)
        target.unlink()


class Downloader:
    """pooch's downloader that resumes: what has come is kept beside the target in `NAME.part` until it is whole.

    Parameters:
        progress: show a bar on a terminal.
        idle: seconds without a byte after which a transfer counts as broken.
        limit: seconds for one file, all attempts together.
    """

    def __init__(self, progress: bool = False, idle: float = IDLE_SECONDS, limit: float = LIMIT_SECONDS) -> None:
        self.progress, self.idle, self.limit = progress, idle, limit

    def __call__(self, url: str, output_file: str, _pooch: Any = None, check_only: bool = False) -> None:
        """Fetch url into output_file; raises requests.RequestException (an OSError) when it can't be had in time."""
        name = url.rsplit("/", 1)[-1]
        part = Path(output_file).with_name(name + ".part")
        deadline = time.monotonic() + self.limit
        while True:
            before = part.stat().st_size if part.exists() else 0
            try:
                self._transfer(url, part, deadline)
                break
            except (requests.ConnectionError, requests.Timeout, urllib3.exceptions.HTTPError) as error:
                # Try again only while it gets on: a server that is down or a deadline that is past stays so.
                after = part.stat().st_size if part.exists() else 0
                if after <= before or time.monotonic() > deadline:
                    raise requests.ConnectionError(f"{error} ({after} bytes came)") from error
        shutil.move(part, output_file)

    def _transfer(self, url: str, part: Path, deadline: float) -> None:
        """One request for what is still missing, appended to `part`."""
        have = part.stat().st_size if part.exists() else 0
        # Identity: a compressed answer would count other bytes than those of the file.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
        timeout = (min(CONNECT_SECONDS, self.idle), self.idle)
        with requests.get(url, headers=headers, stream=True, timeout=timeout) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                # `part` is as long as the file, and the hash tells if it is the file; or longer, and is not.
                if response.headers.get("Content-Range") == f"bytes */{have}":
                    return
                part.unlink()
                raise requests.ConnectionError(f"{url}: {part.name} was longer than the file; a new run starts afresh")
            response.raise_for_status()
            resumed = response.status_code == requests.codes.partial_content
            start = have if resumed else 0
            length = response.headers.get("Content-Length")
            total = start + int(length) if length else None
            bar = tqdm(
                desc=part.stem, total=total, initial=start, unit="B", unit_scale=True,
                disable=None if self.progress else True,
            )  # fmt: skip
            with part.open("ab" if resumed else "wb") as file, bar:
                # read1 gives what is there: waiting for a full chunk would lose it when the transfer breaks, and let
                # a server that sends a byte a second go past the deadline unseen.
                while chunk := response.raw.read1(CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))
                    if time.monotonic() > deadline:
                        raise requests.Timeout(
                            f"{url}: not done after {self.limit:g} seconds: a new run goes on from here"
                        )
        if total is not None and part.stat().st_size < total:
            raise requests.ConnectionError(f"{url}: the transfer ended after {part.stat().st_size} of {total} bytes")


def _unpack(archive: Path, members: dict[str, str], data_dir: Path) -> None:
    """Take the named members out of a zip or tar.gz, each put in place only when it is whole."""
    with _opened(archive) as files:
        for file, ending in members.items():
            found = next((name for name in files if name == ending or name.endswith("/" + ending)), None)
            if found is None:
                raise ValueError(f"{archive.name} holds no {ending}")
            target = data_dir / file
            target.parent.mkdir(parents=True, exist_ok=True)
            half = target.with_name(target.name + ".part")
            with files[found]() as source, half.open("wb") as sink:
                shutil.copyfileobj(source, sink)
            half.replace(target)


@contextmanager
def _opened(archive: Path) -> Iterator[dict[str, Any]]:
    """Member name -> a function that opens it, for either kind of archive."""
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as zipped:
            yield {name: (lambda name=name: zipped.open(name)) for name in zipped.namelist()}
    else:
        with tarfile.open(archive) as tarred:
            yield {
                member.name: (lambda member=member: _file_in(tarred, member))
                for member in tarred.getmembers() if member.isfile()
            }  # fmt: skip


def _file_in(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = archive.extractfile(member)
    if file is None:
        raise ValueError(f"{member.name} is no file")
    return file


def _advice(file: str, original: Original, data_dir: Path, reason: str) -> str:
    """What is missing, why, where it is to be had, and what works without it."""
    inside = dict(original.members).get(file)
    unpack = f" (an archive: take {inside} out of it)" if inside else ""
    known = original.known_hash or "not known"
    return (
        f"the corpus file {file} is missing, and {reason}\n"
        f"  looked for:  {data_dir / file}\n"
        f"  address:     {original.url}{unpack}\n"
        f"  hash:        {known}{' of the archive' if inside else ''}\n"
        f"  to do:       put the file at the path above, or set DATA_DIR to the folder that holds {file},\n"
        f"               or train offline on written sentences: make train RECIPE=starter"
    )
