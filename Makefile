# Every door of the house. `make run` and `make test` need make and Python 3.11 or newer with venv, and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COOLDOWN := $(shell date -u -d '7 days ago' +%Y-%m-%dT00:00:00Z 2>/dev/null || date -u -v-7d +%Y-%m-%dT00:00:00Z)
COMPILE := $(BIN)/uv pip compile pyproject.toml --quiet --generate-hashes --no-emit-index-url --no-header --universal \
	--python-version 3.11 --exclude-newer $(COOLDOWN)
# The system's PostgreSQL 15, when there is one: the laws of the database are tested on it too.
PG15 := $(firstword $(wildcard /usr/lib/postgresql/15/bin /usr/pgsql-15/bin /opt/homebrew/opt/postgresql@15/bin))
PYTEST := $(BIN)/python -m pytest
# A process per core, each with a PostgreSQL of its own; what shares an installation stays in one.
CORES ?= 2
SPREAD := -n $(CORES) --dist loadfile --no-loadscope-reorder

.PHONY: run test test-long check bench crash docs lock venv fmt

run: $(VENV)/run.stamp
	@exec $(BIN)/yunju up

# The last line printed is pytest's own.
test: $(VENV)/dev.stamp
ifneq ($(PG15),)
	@echo "The database's laws on PostgreSQL 15 ($(PG15)):"
	@YUNJU_TEST_POSTGRES_BIN=$(PG15) $(PYTEST) -q -m "database and not long"
endif
	@$(PYTEST) -q $(SPREAD)

test-long: $(VENV)/dev.stamp
	@$(PYTEST) -q -m long --timeout 3600

check: $(VENV)/dev.stamp
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/lint-imports
	$(BIN)/mypy yunju
	$(BIN)/djlint --lint --quiet yunju
	$(BIN)/sqlfluff lint yunju
	$(BIN)/codespell
	YUNJU_STATIC=found $(BIN)/yunju manage makemigrations --check --dry-run
	@$(MAKE) --no-print-directory test

bench: $(VENV)/dev.stamp
	@$(BIN)/python -m bench

# The real stack under buyers, killed with -9 at random moments: make crash CRASH="--app 200 --postgres 100 --seed 7"
crash: $(VENV)/dev.stamp
	@$(BIN)/python -m tests.crash $(CRASH)

# Pages that are drawn from data: the states of every mode.
docs: $(VENV)/dev.stamp
	@$(BIN)/yunju docs

fmt: $(VENV)/dev.stamp
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

# New versions must be a week old. Read what changed before committing.
lock: $(VENV)/dev.stamp
	$(COMPILE) --extra build --output-file requirements/run.txt
	$(COMPILE) --extra build --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt

venv: $(VENV)/dev.stamp

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Yunju needs Python 3.11 or newer: make PYTHON=...")'
	@echo "Making $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

$(VENV)/run.stamp: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	@echo "Installing the locked packages of development ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@
