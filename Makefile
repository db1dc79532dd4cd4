# Each target sets up what it needs in $(VENV).
#
#   make demo    the whole road on the sample corpus: text to a trained model (out/demo/index.html)
#   make test    the test suite
#   make lint    ruff and mypy
#   make bench   speed and memory, paired with other tools (benchmarks/)

PYTHON ?= python3
VENV   ?= .venv
OUT    ?= out
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
NATIVE := pyproject.toml CMakeLists.txt constraints.txt $(wildcard native/*)

.PHONY: demo test test-slow test-wheel lint format bench clean

demo: $(VENV)/.train
	$(BIN)/python examples/demo.py --output $(OUT)/demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto -m "not slow"

test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto -m slow

test-wheel: $(VENV)/.dev
	$(BIN)/python tests/wheel/smoke.py --output $(OUT)/wheel

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks --output $(OUT)/benchmarks

clean:
	rm -rf $(OUT) build dist

$(VENV)/.python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 13))' || \
	  { echo "error: Python 3.10, 3.11 or 3.12 is needed; choose one: make PYTHON=python3.11 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.train: $(VENV)/.python $(NATIVE)
	@echo "installing corpuskit with the trainer into $(VENV) ..."
	$(PIP) install -c constraints.txt -e ".[train]"
	@touch $@

$(VENV)/.dev: $(VENV)/.python $(NATIVE)
	@echo "installing corpuskit with the development tools into $(VENV) ..."
	$(PIP) install -c constraints.txt -e ".[dev]"
	@touch $@ $(VENV)/.train
