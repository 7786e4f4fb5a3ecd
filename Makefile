# Undertone: `make serve` answers on http://127.0.0.1:8000, `make test` proves it, `make help` says the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name))))
PY := .venv/bin/python

# Where torch comes from: its CPU wheels where there is no GPU, for the default index's are gigabytes of CUDA; empty
# means the default index, which is also what is tried when this one can't be reached.
TORCH_INDEX_URL ?= $(if $(shell command -v nvidia-smi),,https://download.pytorch.org/whl/cpu)

# make train: RECIPE=default|starter|finetune|…, NAME=folder under artifacts/, FROM=artifacts/default, DATA=reviews.csv
RECIPE ?= $(if $(FROM),finetune,default)
NAME ?= $(if $(DATA),mine,$(basename $(notdir $(RECIPE))))
OWN_DATA = $(if $(DATA),--data "$(DATA)") $(if $(TEXT_COLUMN),--text-column "$(TEXT_COLUMN)") \
           $(if $(LABEL_COLUMN),--label-column "$(LABEL_COLUMN)")
DEVICE ?= auto

.PHONY: help install serve train teacher evaluate score test test-browser fuzz faults soak lint format bench bench-recurrences bench-unknown-words bench-ablation bench-explain bench-request bench-serve image clean

help:  ## say what each target does
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 22

install: .venv/dev.stamp  ## set up .venv/ with everything: serving, training, tests

serve: .venv/serving.stamp  ## answer on port 8000 with the default model (settings: UNDERTONE_…, see python -m service --help)
	$(PY) -m service

train: .venv/dev.stamp  ## train a model: RECIPE= NAME= FROM= DATA= TEXT_COLUMN= LABEL_COLUMN= DEVICE= RESUME=1
	$(PY) -m training.train --recipe "$(RECIPE)" --name "$(NAME)" --device $(DEVICE) \
	  $(if $(FROM),--from "$(FROM)") $(OWN_DATA) $(if $(RESUME),--resume)

teacher: .venv/dev.stamp  ## make training/teacher.npz again, which the default recipe learns from beside the labels: RESUME=1
	$(MAKE) train RECIPE=teacher NAME=teacher FROM= DATA=
	$(PY) -m training.distill --networks artifacts/teacher --device $(DEVICE)

evaluate: .venv/dev.stamp  ## measure artifacts/NAME on the dev splits and write its report: NAME= DATA=
	$(PY) -m training.evaluate --name "$(NAME)" --device $(DEVICE) $(OWN_DATA)

score: .venv/serving.stamp  ## score a file of reviews: IN=reviews.csv OUT=scored.csv TEXT_COLUMN= FORCE=1
	@test -n "$(IN)" || { echo "say which file: make score IN=reviews.csv [OUT=scored.csv]" >&2; exit 2; }
	$(PY) -m service.score "$(IN)" $(if $(OUT),--output "$(OUT)") $(if $(TEXT_COLUMN),--text-column "$(TEXT_COLUMN)") \
	  $(if $(FORCE),--force)

test: .venv/dev.stamp  ## run the tests
	$(PY) -m pytest

test-browser: .venv/dev.stamp  ## run the tests of the page in a real Chromium (Debian: apt-get install chromium)
	@for name in chromium chromium-browser google-chrome; do command -v $$name > /dev/null && exit 0; done; \
	  echo "make test-browser needs Chromium: on Debian, apt-get install chromium" >&2; exit 1
	$(PY) -m pytest tests/browser

fuzz: .venv/dev.stamp  ## send a real service 20,000 mutated requests and what schemathesis makes of the OpenAPI document (5 minutes)
	$(PY) -m pytest -s tests/faults/test_fuzz.py

faults: .venv/dev.stamp  ## under full load: reload, restarts, SIGUSR2, SIGKILL, overload, a stuck network, full disk … (10 minutes)
	$(PY) -m pytest -s tests/faults --ignore tests/faults/test_fuzz.py --ignore tests/faults/test_soak.py

soak: .venv/dev.stamp  ## 200,000 mixed requests: every answer right, no memory lost (5 to 20 minutes)
	$(PY) -m pytest -s tests/faults/test_soak.py

lint: .venv/dev.stamp  ## check format, lint and types
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

format: .venv/dev.stamp  ## bring the code into form
	.venv/bin/ruff format .
	.venv/bin/ruff check --fix .

bench: bench-recurrences bench-unknown-words bench-ablation bench-explain  ## measure what the docs claim, side by side (needs the corpora)

bench-recurrences: .venv/dev.stamp  ## Elman, Jordan, LSTM, GRU on one small corpus
	$(PY) -m bench.recurrences

bench-unknown-words: .venv/dev.stamp  ## whole words against pieces
	$(PY) -m bench.unknown_words

bench-ablation: .venv/dev.stamp  ## what each part of the default recipe buys on dev, two seeds (about an hour)
	$(PY) -m bench.ablation

bench-explain: .venv/dev.stamp  ## whether explanations are true of the network, into docs/explaining.md
	$(PY) -m bench.explain

bench-request: .venv/dev.stamp  ## where a request's microseconds go outside the network, into docs/serving-speed.md
	$(PY) -m bench.request_cost

bench-serve: .venv/bench.stamp  ## the service beside plain Flask and LitServe under load, into docs/serving-speed.md: QUICK=1
	$(PY) -m bench.serve $(if $(QUICK),--quick)

image:  ## build the container image undertone:latest (TORCH_INDEX_URL chooses CPU or CUDA)
	docker build --build-arg TORCH_INDEX_URL=$(TORCH_INDEX_URL) \
	  --build-arg REVISION=$$(git rev-parse HEAD || echo unknown) --tag undertone:latest .

clean:  ## remove .venv/ and caches; artifacts stay
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

.venv/venv.stamp:
	@test -n "$(PYTHON)" || { echo "no Python found: install Python 3.11, 3.12 or 3.13, or say PYTHON=/path/to/python" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' || \
	  { echo "$(PYTHON) is $$($(PYTHON) --version); Undertone needs Python 3.11, 3.12 or 3.13: say PYTHON=/path/to/one" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || \
	  { echo "$(PYTHON) lacks venv and ensurepip: on Debian and Ubuntu, apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear .venv
	@touch $@

# torch alone first, for only its index has the small wheels; the rest, and what torch needs, from the default index.
# An interrupt must not look like an index that can't be reached.
.venv/torch.stamp: requirements.txt .venv/venv.stamp
	@trap 'exit 130' INT TERM; \
	torch=$$(grep '^torch==' requirements.txt); \
	echo "installing $$torch from $(or $(TORCH_INDEX_URL),the default package index): some 200 MB, more for a GPU"; \
	{ test -n "$(TORCH_INDEX_URL)" && \
	  $(PY) -m pip install --quiet --no-deps --retries 1 --timeout 15 --index-url "$(TORCH_INDEX_URL)" $$torch; } || \
	{ echo "installing $$torch from the default package index"; $(PY) -m pip install --quiet $$torch; }
	@touch $@

.venv/serving.stamp: .venv/torch.stamp
	@echo "installing what serving needs"
	$(PY) -m pip install --quiet --requirement requirements.txt
	@touch $@

.venv/dev.stamp: requirements-dev.txt .venv/serving.stamp
	@echo "installing what training and the tests need"
	$(PY) -m pip install --quiet --requirement requirements-dev.txt
	@touch $@

# LitServe for bench-serve, apart from what serving needs; it runs the same torch.
.venv/bench.stamp: requirements-bench.txt .venv/dev.stamp
	@echo "installing LitServe to compare with, into .venv/bench"
	$(PY) -m venv --clear .venv/bench
	$(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))' > \
	  "$$(.venv/bench/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/undertone.pth"
	.venv/bench/bin/python -m pip install --quiet --requirement requirements-bench.txt
	@touch $@
