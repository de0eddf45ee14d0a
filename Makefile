# The two commands, each of which sets up what it needs: `make conformance` and `make test`.

VENV := .venv
PYTHON ?= python3
BIN := $(VENV)/bin

# Hundreds of processes are started in the self-tests: what one of them has compiled serves the others.
export PYTHONDONTWRITEBYTECODE =

.PHONY: conformance test lint prove proven in-use bench wheel daily settings published clean

# The suite against the bundled reference server.
conformance: $(VENV)/ready
	$(BIN)/python -m pytest

# The project's own tests.
test: $(VENV)/ready
	$(BIN)/python -m pytest conformance/selftest -m 'not thorough' -n 4 --dist loadgroup --no-loadscope-reorder

lint: $(VENV)/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Whether every fault is caught, and nothing legal objected to: a fault meets what it can touch, or of that a part.
prove: $(VENV)/ready
	$(BIN)/python -m conformance.selftest.proof $(PROOF)
	$(BIN)/python -m pytest conformance/selftest -m thorough -n 4 --dist loadgroup

# The same in full, kept on purpose: the kill matrix.
proven: $(VENV)/ready
	$(BIN)/python -m conformance.selftest.proof --whole --publish reports/published $(PROOF)

# Whether a real Node-RED with 2,000 nodes loses anything to a whole run, and to twenty that are killed: about two hours.
in-use: $(VENV)/ready
	$(BIN)/python -m conformance.selftest.proof.in_use

# What the suite costs, beside a bare replay of the same requests: about half an hour, and curl.
bench: $(VENV)/ready
	$(BIN)/python -m conformance.selftest.bench $(BENCH)

# What every change to a case is run against: the daily versions of fixtures/node-red/versions.toml, secured and open.
daily: $(VENV)/ready
	for version in $$($(BIN)/python -c "from conformance.node_red import pinned; print(*pinned()['daily'])"); do \
	    for target in node-red:$$version node-red:$$version+open; do $(BIN)/python -m pytest --target $$target || exit; done; \
	done

# The newest two lines of Node-RED, with each setting that a started one can have.
settings: $(VENV)/ready
	for word in $$($(BIN)/python -c "from conformance.targets import SETTINGS; print(*SETTINGS)"); do \
	    for version in 4.1 5.0; do $(BIN)/python -m pytest --target node-red:$$version+$$word || exit; done; \
	done

# What is kept on purpose: what each pinned Node-RED version came to, and the pages that are made of it.
published: $(VENV)/ready
	for version in $$($(BIN)/python -c "from conformance.node_red import pinned; print(*pinned()['node_js'])"); do \
	    $(BIN)/python -m pytest --target node-red:$$version --reports=none --report-dir=reports/published/node-red-$$version || exit; \
	done
	$(BIN)/python -m conformance.report.published reports/published

wheel: $(VENV)/ready
	$(BIN)/python -m build --wheel --outdir dist

$(VENV)/ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache reports/latest
