# Every target works on a fresh machine with Python 3.11 and make: it creates its own environment.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# Cases mostly wait, so more workers than cores pay off; too many would make a punctual station late.
WORKERS ?= 8
# The matrix is whole runs, which use a twentieth of a processor each.
MATRIX_WORKERS ?= 32

.PHONY: demo declaration test lint products matrix bench clean lock

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(STAMP)

demo: $(STAMP)
	$(BIN)/vdoc demo --out out/demo

declaration: $(STAMP)
	$(BIN)/vdoc demo --grade declaration --out out/declaration

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint
	tests/system_packages.sh
	$(BIN)/pytest -n $(WORKERS) --maxschedchunk=1 -m "not matrix"

products: $(STAMP)
	$(BIN)/python tests/matrix/products.py

matrix: $(STAMP)
	$(BIN)/pytest -n $(MATRIX_WORKERS) --maxschedchunk=1 -m matrix

bench: $(STAMP)
	$(BIN)/python -m benchmarks

LOCK := $(BIN)/pip-compile --quiet --generate-hashes --no-emit-index-url --no-emit-trusted-host \
    --no-emit-find-links --strip-extras

# requirements.lock has what developing needs, requirements-run.lock what running needs.
lock: $(STAMP)
	$(LOCK) --allow-unsafe --extra dev --output-file requirements.lock pyproject.toml
	$(LOCK) --constraint requirements.lock --output-file requirements-run.lock pyproject.toml

clean:
	rm -rf out dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
