# Everything a person or a CI machine does with this checkout; every target works from nothing.
# It needs Linux x86-64, Python 3.11 or later with venv, make and git. All that it installs stays in the checkout.

PYTHON ?= python3
UV_VERSION := 0.13.9
UV_FOLDER := .cache/uv-$(UV_VERSION)
UV := $(UV_FOLDER)/bin/uv
BIN := .venv/bin
KPO := $(BIN)/kpo
SOURCES := libs services tools tests benchmarks
INSTALLED := .venv/.installed
SECONDS ?= 60
SEED ?= 1

# Compiled modules are kept: a system is ten processes, and each would compile the same thousand modules.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install demo up down test trials static check gen bench-engine bench-latency bench-journey chaos overload rolling chaos-mutations

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## Install everything into the checkout

demo: $(INSTALLED) ## Start the system, walk through both journeys, stop it; ENTRIES=1400 fills the open call, 0 leaves it out
	@$(KPO) demo $(if $(ENTRIES),--entries $(ENTRIES))

up: $(INSTALLED) ## Start the system, leave it running, show URLs, tokens and requests to try
	@$(KPO) stack up

down: $(INSTALLED) ## Stop the system; its data stay
	@$(KPO) stack down

test: $(INSTALLED) ## Run the tests, those on real servers included
	@$(KPO) stack prepare
	$(BIN)/pytest --numprocesses 4 -m "not trial"

trials: $(INSTALLED) ## Try whole systems: the demo, thousands at once, faults, a flood, replacement under load
	@$(KPO) stack prepare
	$(BIN)/pytest --numprocesses 2 --dist worksteal --durations 10 -m trial

static: $(INSTALLED) ## Check format, lint, types, import contracts and house rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports
	$(BIN)/pytest -q tests/test_tidy.py

check: static test trials ## All that CI runs

gen: $(INSTALLED) ## Write the event schemas and the event catalogue anew
	$(BIN)/python -m kpo_events.generate

bench-engine: $(INSTALLED) ## Measure the engine beside loops without it
	@$(UV) sync --frozen --quiet --group bench
	$(BIN)/python -m benchmarks.engine

bench-latency: $(INSTALLED) ## Measure how soon a change is visible in the next service
	@$(UV) sync --frozen --quiet --group bench
	$(BIN)/python -m benchmarks.latency

bench-journey: $(INSTALLED) ## Measure whole journeys over HTTP and Kafka
	$(BIN)/python -m benchmarks.journey

chaos: $(INSTALLED) ## Break the running system for SECONDS from SEED on, and judge its history; CLUSTERS=yes has three Kafkas and mongods
	@$(KPO) stack prepare
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) --seed $(SEED) $(if $(CLUSTERS),--clusters)

overload: $(INSTALLED) ## Send ten times what the system takes for SECONDS, and look what becomes of it
	@$(KPO) stack prepare
	@$(BIN)/python -m tests.chaos.overload --seconds $(SECONDS)

rolling: $(INSTALLED) ## Replace every worker under load, and tell how long anything waited
	@$(KPO) stack prepare
	@$(BIN)/python -m tests.chaos.rolling

chaos-mutations: $(INSTALLED) ## Switch guards off one by one; each must turn the verdict red
	@$(KPO) stack prepare
	@$(BIN)/python -m tests.chaos --mutants --seed $(SEED)

$(INSTALLED): $(UV) pyproject.toml uv.lock $(wildcard */*/pyproject.toml)
	@echo "Installing into .venv ..."
	@$(UV) sync --frozen --quiet --python $(PYTHON) \
	  || { echo "make: the installation failed; the lines above name the cause (mostly network or disk), then run make again." >&2; exit 1; }
	@touch $@

$(UV):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "make: Python 3.11 or later is needed; name one, for example: make demo PYTHON=python3.11" >&2; exit 1; }
	@rm -rf $(UV_FOLDER)
	@$(PYTHON) -m venv $(UV_FOLDER) \
	  || { echo "make: Python has no venv; on Debian run: apt-get install python3-venv" >&2; exit 1; }
	@$(UV_FOLDER)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION) \
	  || { echo "make: uv could not be fetched; check network and disk, then run make again." >&2; rm -rf $(UV_FOLDER); exit 1; }
