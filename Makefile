# Rostra: `make run` puts a demonstration on the air, `make test` passes everything. `make help` lists the rest.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

PYTHON ?= python3
DATA ?= var
PORT ?= 8000
BIN := .venv/bin
UV := $(BIN)/uv
STAMPS := .setup
RUN_PACKAGES := espeak-ng
TEST_PACKAGES := chromium chromium-headless-shell coturn espeak-ng ffmpeg postgresql fonts-dejavu-core nginx-light haproxy icecast2 openssl
BENCH_PACKAGES := nginx-light icecast2 wrk

export UV_NO_PROGRESS := 1
# Trust what the machine trusts: uv brings its own list of authorities, which knows no company proxy.
export UV_SYSTEM_CERTS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Compiled once here, not each time a process starts: the site alone would compile for longer than it needs to start.
export UV_COMPILE_BYTECODE := 1
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-test run test check bench soak lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(STAMPS)/run $(STAMPS)/frontend ## Install what running needs (again: does nothing)
	@tools/debian-packages $(RUN_PACKAGES)

setup-test: $(STAMPS)/dev $(STAMPS)/captions $(STAMPS)/noise $(STAMPS)/frontend
	@tools/debian-packages $(TEST_PACKAGES)

run: setup $(STAMPS)/captions ## Put a demonstration interview on the air (DATA=var PORT=8000)
	@ROSTRA_CAPTIONS="$${ROSTRA_CAPTIONS:-bundled}" exec $(BIN)/rostra up --demo --data $(DATA) --port $(PORT)

test: setup-test ## Run every test
	$(BIN)/python tools/all_tests.py

check: $(STAMPS)/dev ## Lint, types, import contracts, house rules (under a minute)
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy
	@$(BIN)/lint-imports >$(STAMPS)/contracts || { cat $(STAMPS)/contracts; exit 1; }
	@tail -n 1 $(STAMPS)/contracts
	$(BIN)/python tools/house.py

bench: setup $(STAMPS)/dev ## Measure against nginx, Icecast and the numbers we promise
	@tools/debian-packages $(BENCH_PACKAGES) $(TEST_PACKAGES)
	$(BIN)/python -m bench

soak: setup-test ## The long tests: an hour on the air
	$(BIN)/python -m pytest tests/soak --timeout 7200

$(STAMPS)/captions: $(STAMPS)/run requirements/captions.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/captions.txt
	@touch $@

$(STAMPS)/noise: $(STAMPS)/run requirements/noise.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes -r requirements/noise.txt
	@touch $@

lock: $(STAMPS)/venv ## Resolve the dependencies again and write the hashed lock files
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements/run.txt
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 pyproject.toml --extra captions -c requirements/run.txt -o requirements/captions.txt
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --no-deps requirements/noise.in -o requirements/noise.txt
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 pyproject.toml --group dev -c requirements/run.txt -o requirements/dev.txt

clean: ## Remove what setup and run have made, recordings included
	rm -rf .venv $(STAMPS) frontend/node_modules src/rostra/web/static var

$(STAMPS)/venv: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Rostra needs Python 3.11 or newer; $(PYTHON) is older. Say make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || tools/debian-packages python3-venv
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/run: $(STAMPS)/venv requirements/run.txt requirements/build.txt pyproject.toml
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/build.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-build-isolation-package http-ece --require-hashes -r requirements/run.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/run requirements/dev.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements/dev.txt
	@touch $@

FRONTEND := $(shell find frontend -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)

$(STAMPS)/node_modules: frontend/package-lock.json frontend/package.json
	@command -v npm >/dev/null || { echo "Rostra's pages are built with Node 20 or newer and npm; neither is on PATH."; exit 1; }
	@cd frontend && npm ci --silent --no-audit --no-fund
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/frontend: $(STAMPS)/node_modules $(FRONTEND)
	@cd frontend && npm run --silent build
	@touch $@
