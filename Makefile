# Every target works on a fresh machine with Python 3.11 and make: it creates its own environment.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Cases mostly wait, so more workers than cores pay off.
WORKERS ?= 8

.PHONY: demo test lint matrix bench clean lock

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/vdoc demo --out out/demo

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	$(BIN)/pytest -n $(WORKERS) -m "not matrix"

matrix: $(STAMP)
	$(BIN)/pytest -n $(WORKERS) -m matrix

bench: $(STAMP)
	$(BIN)/python -m benchmarks

lock: $(STAMP)
	$(BIN)/pip-compile --extra dev --generate-hashes --no-emit-index-url --no-emit-trusted-host \
	    --no-emit-find-links --strip-extras --allow-unsafe --output-file requirements.lock pyproject.toml

clean:
	rm -rf out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
