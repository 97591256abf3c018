# Everything runs in .venv, which is made once from requirements.lock and again only when the lock or pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
KERNEL := $(VENV)/share/jupyter/kernels/gongkai/kernel.json

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help setup study test test-long check notebooks lab bench bench-corpus bench-inference bench-batch bench-size bench-reuse bench-models lock clean

help:
	@echo "make study      read data/raw and write the county studies to reports/study"
	@echo "make test       run all tests, every notebook and the examples in the documentation; COVERAGE=1 prints which lines they run"
	@echo "make test-long  run all tests on many more documents, and those that need chromium, libreoffice and w3m"
	@echo "make check      lint, check the types, and find imports that no dependency declares"
	@echo "make notebooks  run all notebooks"
	@echo "make lab        open JupyterLab with the project's kernel"
	@echo "make bench      measure how many documents are read in a second"
	@echo "make bench-corpus  measure how 30,000 simulated reports are built and loaded; REPORTS=3000 for fewer"
	@echo "make bench-inference  measure what intervals, shrinkage, ranks and funnels promise, and fail where they do not keep it"
	@echo "make bench-batch  measure what forty studies cost, beside plain papermill; DATA=FOLDER takes them from a folder"
	@echo "make bench-size    measure how the time to read a document grows with its size; KIND=list for some"
	@echo "make bench-reuse   measure time and memory of the search for copied text"
	@echo "make bench-models  measure whether models of a panel cover a known truth, and what missing reports do to a mean"
	@echo "make lock       resolve the dependencies of pyproject.toml anew into requirements.lock"
	@echo "make clean      delete what the other targets made: environment, caches, reports"

setup: $(STAMP)

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "gongkai needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name a newer one: make $(or $(MAKECMDGOALS),study) PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (once; a few minutes) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --root-user-action=ignore --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install -qq --root-user-action=ignore --no-deps --no-build-isolation -e .
	@touch $@

study: setup
	@$(BIN)/python -m gongkai studies

# COVERAGE=1 counts the lines that run, but for those of forked processes; it takes a fifth more processor time (coverage.py: three quarters).
COMMA := ,
COUNTED := $(if $(COVERAGE),-m slipcover --source src/gongkai$(COMMA)src/papermill_fork --skip-covered --missing-width 60)
test: setup
	@$(BIN)/python $(COUNTED) -m pytest -n 2

test-long: setup
	@GONGKAI_PROFILE=long $(BIN)/python -m pytest -n 2 -m "long or not long"

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/deptry src
	@$(BIN)/deptry src tests benchmarks data notebooks --ignore DEP004

notebooks: setup
	@$(BIN)/python -m pytest tests/test_notebooks.py

$(KERNEL): $(STAMP)
	@$(BIN)/python -m ipykernel install --prefix $(VENV) --name gongkai --display-name "gongkai ($(VENV))"

# Jupyter refuses root unless it is told: in a container there is nobody else.
lab: $(KERNEL)
	@$(BIN)/jupyter lab --MultiKernelManager.default_kernel_name=gongkai $(if $(filter 0,$(shell id -u 2>/dev/null)),--allow-root)

bench: setup
	@$(BIN)/python benchmarks/bench_read.py

bench-corpus: setup
	@$(BIN)/python benchmarks/bench_corpus.py $(if $(REPORTS),--reports $(REPORTS))

bench-inference: setup
	@$(BIN)/python benchmarks/bench_inference.py
	@$(BIN)/python benchmarks/bench_clustering.py

bench-batch: setup
	@$(BIN)/python benchmarks/bench_batch.py $(DATA)

bench-reuse: setup
	@$(BIN)/python benchmarks/bench_reuse.py

bench-models: setup
	@$(BIN)/python benchmarks/bench_models.py

bench-size: setup
	@$(BIN)/python benchmarks/bench_size.py $(KIND)

# uv alone resolves for all platforms at once; it lives in an environment of its own, which is thrown away.
lock:
	@set -e; tmp=$$(mktemp -d); trap 'rm -rf "$$tmp"' EXIT; \
	$(PYTHON) -m venv "$$tmp"; \
	"$$tmp/bin/pip" install -qq --root-user-action=ignore uv; \
	"$$tmp/bin/uv" pip compile -q --universal --python-version 3.11 --all-extras --upgrade --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	@echo "requirements.lock is up to date"

clean:
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis data/tidy
	@find reports -mindepth 1 -maxdepth 1 ! -name README.md -exec rm -rf {} +
	@find src tests benchmarks notebooks -depth \( -name __pycache__ -o -name .ipynb_checkpoints \) -exec rm -rf {} + 2>/dev/null || true
