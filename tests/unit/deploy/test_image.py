"""What the Dockerfile says twice, or says of other files, agrees."""

import re
import tomllib
from pathlib import Path

from service.settings import Settings

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
ENVIRONMENT = dict(re.findall(r"\b(UNDERTONE_[A-Z_]+)=(\S+)", DOCKERFILE))


def label(name):
    return re.search(rf'org\.opencontainers\.image\.{name}="([^"]*)"', DOCKERFILE)[1]


def test_packages_are_built_on_the_base_that_they_run_on():
    bases = set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert bases == {label("base.name").removeprefix("docker.io/library/")}


def test_the_version_is_the_projects():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert (label("version"), label("licenses")) == (project["version"], project["license"])


def test_its_settings_can_be_used_and_are_those_that_it_exposes():
    settings = Settings.from_environment(ENVIRONMENT)
    assert {f"UNDERTONE_{name.upper()}" for name in settings.model_fields_set} == set(ENVIRONMENT)
    assert re.search(r"^EXPOSE (\d+)$", DOCKERFILE, re.MULTILINE)[1] == str(settings.port)


def test_what_it_copies_gets_past_the_ignore_file():
    passed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", DOCKERFILE, re.MULTILINE))
    assert copied == passed
