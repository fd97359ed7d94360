# The commands of this project. `make help` lists them.
#
# Python 3.11 or later and make are all that a machine needs: each target first
# brings `.venv` up to date, if `pyproject.toml` has changed since.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# What checks the modules of the viewer's page, which are JavaScript with types in comments.
TYPESCRIPT := typescript@5.9

# One file a step, touched when that step has succeeded.
BASE := $(VENV)/.base-installed
DEV := $(VENV)/.dev-installed

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help check test conform campaign agreement machine live alarms fuzz mutation witnesses lint format docs clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

check: $(BASE) ## Check the protocol: every configuration, every property
	$(BIN)/knell check --suite

test: $(DEV) ## Run the tests; select some with T="-k name"
	$(BIN)/python -m pytest -n 2 $(T)

conform: $(DEV) ## Replay the model against the cores: small, then default
	$(BIN)/knell conform --set config=small --coverage pairs
	$(BIN)/knell conform

campaign: $(DEV) ## Run simulated clusters under chaos, 200,000 steps and more
	$(BIN)/python -m knell.node.sim

mutation: $(DEV) ## Let mutmut change each line of the core: what lives is explained
	$(BIN)/python -m tests.node.core.mutation $(T)

witnesses: $(DEV) ## Let prover, engines and SPIN judge the same models at length: about an hour
	KNELL_LONG=1 KNELL_RANDOM_MODELS=500 $(BIN)/python -m pytest tests/export tests/prover $(T)

live: $(DEV) ## Fail real nodes on loopback at random, 300 rounds and more
	$(BIN)/python -m knell.node.demo.campaign

machine: $(DEV) ## Let hypothesis drive simulated clusters, 200,000 steps and more
	KNELL_STEPS=200000 $(BIN)/python -m pytest -q tests/node/sim/test_machine.py

alarms: $(DEV) ## Watch for ten minutes whether full load raises a false alarm
	$(BIN)/python -m knell.node.demo.alarms 600

fuzz: $(DEV) ## Fire a million frames and a million requests at a live node
	$(BIN)/python -m knell.node.demo.fuzz

agreement: $(DEV) ## Compare all engines on every variant and on 2,000 random models
	KNELL_EVERYTHING=1 KNELL_RANDOM_MODELS=2000 $(BIN)/python -m pytest -n 2 tests/checker/compiled tests/checker/test_cluster.py $(T)

lint: $(DEV) ## Run every static check
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/basedpyright
	$(BIN)/lint-imports --no-logo
ifneq ($(or $(CI),$(shell command -v npx)),)
	npx --yes --package $(TYPESCRIPT) tsc --project model/knell/viewer/web
else
	@echo "npx is missing (apt-get install npm): the modules of the viewer's page were not checked"
endif

format: $(DEV) ## Format the code, and mend what can be mended safely
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(BASE) ## Write the generated documents anew; a test tells when they are stale
	$(BIN)/python -m knell.cli.docs

clean: ## Remove what the other targets made
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find spec model conformance tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BASE): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install --editable .
	touch $@

$(DEV): $(BASE)
	$(PIP) install --editable '.[dev]'
	touch $@
