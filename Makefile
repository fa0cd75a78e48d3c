# Fairwitness. `make demo` shows the whole life of a recording; `make test` checks everything.
# Both install what they need: Python packages into .venv, Debian packages with apt-get.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCK := requirements/dev.txt
READY := $(VENV)/.ready-$(shell cat $(LOCK) pyproject.toml | sha256sum | cut -c1-16)
ARGS ?=
# Tests run side by side and in a random order, but for journeys: each is told from its beginning,
# its steps share a site, and so a file of them stays together.
TOGETHER := --numprocesses 2 --dist worksteal
AS_WRITTEN := -p no:randomly --numprocesses 2 --dist loadfile --no-loadscope-reorder
# The programs that tests start by the hundred are not compiled anew each time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup system demo test check unit integration integration-postgresql journeys bench lock clean

help: ## what each command does
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 24

setup: $(READY) ## make .venv with the locked packages

$(READY): $(LOCK) pyproject.toml
	@scripts/system-packages python
	@echo "Fairwitness: making $(VENV) from $(LOCK) (about 400 MB, once)"
	@rm -f $(VENV)/.ready-*
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(LOCK)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $(READY)

system: ## install Chromium, PostgreSQL, Node.js and rclone from Debian, where absent
	@scripts/system-packages python browser postgresql node swift

demo: setup ## the whole life of a recording on this machine, then the site (ARGS=--exit to stop after)
	@scripts/demo-footage
	@$(BIN)/fairwitness demo $(ARGS)

check: setup ## style, types, layers, migrations
	@echo "Fairwitness: style"; $(BIN)/ruff check . && $(BIN)/ruff format --check --quiet .
	@echo "Fairwitness: types"; export FAIRWITNESS_DATA=$$(mktemp -d); $(BIN)/mypy && $(BIN)/mypy tests benchmarks
	@echo "Fairwitness: layers"; $(BIN)/lint-imports --cache-dir .import_linter_cache
	@echo "Fairwitness: migrations"; FAIRWITNESS_DATA=$$(mktemp -d) DJANGO_SETTINGS_MODULE=fairwitness.config.settings $(BIN)/python -m django makemigrations --check --dry-run

test: setup system check ## everything that CI checks
	@echo "Fairwitness: tests, with the embedded database"
	@$(BIN)/pytest $(TOGETHER) tests/unit tests/contracts tests/integration $(ARGS)
	@echo "Fairwitness: integration tests on PostgreSQL"
	@$(BIN)/pytest $(TOGETHER) --postgresql tests/integration $(ARGS)
	@echo "Fairwitness: faults: kills, cuts, full disks, flipped bits"
	@scripts/test-real tests/faults $(TOGETHER) $(ARGS)
	@echo "Fairwitness: journeys, with real processes and a real browser"
	@scripts/test-real tests/journeys $(AS_WRITTEN) $(ARGS)

unit: setup ## the quick tests
	@$(BIN)/pytest tests/unit $(ARGS)

integration: setup ## with the embedded database
	@$(BIN)/pytest tests/integration $(ARGS)

integration-postgresql: setup ## with PostgreSQL
	@scripts/system-packages postgresql
	@$(BIN)/pytest --postgresql tests/integration $(ARGS)

journeys: setup system ## real processes and a real browser
	@scripts/test-real tests/journeys $(AS_WRITTEN) $(ARGS)

bench: setup ## ratios inside one run; nothing here is a test
	@$(BIN)/python -m benchmarks $(ARGS)

lock: setup ## make the lock files anew (needs uv)
	@scripts/lock-packages

clean: ## remove the caches of the checkers; .venv, build and data stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
