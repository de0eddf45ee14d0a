# The two commands, each of which sets up what it needs: `make conformance` and `make test`.

VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin

.PHONY: conformance test lint wheel clean

# The suite against the bundled reference server.
conformance: $(VENV)/ready
	$(BIN)/python -m pytest

# The project's own tests.
test: $(VENV)/ready
	$(BIN)/python -m pytest conformance/selftest -n 2

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

wheel: $(VENV)/ready
	$(BIN)/python -m build --wheel --outdir dist

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache reports/latest
