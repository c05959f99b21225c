# The daily commands (`make help` lists them). They need Python 3.11, and the network once, for .venv.

PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
# Hashes, and no index's address: who installs chooses where from. Extras are named: pip looks for
# the newest coverage[toml], which has no hash here, where the lock says only which coverage.
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
    --no-strip-extras --no-emit-index-url --no-emit-find-links --no-header

.PHONY: demo help venv test check format bench scenarios durability lock pictures clean

demo: $(READY)  ## A whole visit over a real socket, with its stored transcript at the end
	$(BIN)/livehelp demo

help:  ## This list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

venv: $(READY)  ## .venv, with everything that is needed here; packages are downloaded once

test: $(READY)  ## Every test; the wire and the desk are held to 100 % branch coverage
	$(BIN)/pytest -n 2 tests/wire tests/rules --cov=livehelp.wire --cov=server.rules --cov-branch \
	    --cov-fail-under=100 --cov-report=term:skip-covered
	$(BIN)/pytest -n 2 --dist loadgroup --ignore=tests/wire --ignore=tests/rules

check: $(READY)  ## Lint, format, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/basedpyright
	$(BIN)/lint-imports

format: $(READY)  ## Let ruff put things right
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(READY)  ## The server under load; prints a table (docs/performance.md says how to read it)
	$(BIN)/python -m benchmarks
	$(BIN)/python -m benchmarks.first_paint

scenarios: $(READY)  ## Every scenario, as a tester runs them
	$(BIN)/livehelp scenario run scenarios

durability: $(READY)  ## 10,000 random talks over failing links, the server killed: no acked line is lost
	$(BIN)/python -m tests.durability --runs 10000 --workers 4

pictures: $(READY)  ## The README's pictures, drawn again from the real screens
	$(BIN)/python docs/pictures/make.py

# The second one is the first without what only developers need; the versions are the same.
lock: $(READY)  ## Write both locks again from pyproject.toml
	$(COMPILE) --all-extras --group dev --output-file requirements.lock pyproject.toml
	$(COMPILE) --no-annotate --extra server --extra tui --constraint requirements.lock \
	    --output-file deploy/requirements.lock pyproject.toml

clean:  ## Away with .venv, and with what tools have left
	rm -rf .venv .pytest_cache .ruff_cache .import_linter_cache .hypothesis .coverage build dist \
	    snapshot_report.html

# Made again whenever the locked versions or the project's own metadata change.
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@
