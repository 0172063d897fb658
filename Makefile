# Everything needs only make and Python >= 3.11; the rest goes into .venv from the lock files.
# ARGS is passed on: make test ARGS='-k cancel', make run ARGS='--port 9000'.
# SIDE_BY_SIDE is how many processes run the tests: 0 shows what each is doing.

PYTHON ?= python3
SIDE_BY_SIDE ?= 3
VENV := .venv
PY := $(VENV)/bin/python
# Tools are started as modules: a script's first line would tie .venv to the folder it was made in.
PIP := $(PY) -m pip --disable-pip-version-check --quiet --no-input
RUNTIME := $(VENV)/.runtime
DEV := $(VENV)/.dev
NODE := tests/node/node_modules/.installed

export PIP_ROOT_USER_ACTION := ignore
# Wherever else Python is told not to keep what it has compiled: the tests start it some hundred times.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
# check is an order, not a set: its last line of output is the test summary.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help install run demo test check lint fmt types floors contracts bench torture fuzz lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) ## serve on SQLite with demo data (DRAGOMAN_* settings apply)
	@exec $(PY) -m app serve --demo $(ARGS)

demo: $(RUNTIME) ## add demo data to the database and print a call for each dialect
	@exec $(PY) -m app demo $(ARGS)

test: $(DEV) $(NODE) ## run the tests
	@$(PY) -m pytest --numprocesses $(SIDE_BY_SIDE) --dist worksteal $(ARGS)

check: lint types floors contracts test ## all that CI checks, tests last

lint: $(DEV) ## style and formatting, without changing anything
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check

fmt: $(DEV) ## format, and fix what can be fixed
	@$(PY) -m ruff check --fix-only
	@$(PY) -m ruff format

types: $(DEV) ## type-check app (strict) and tests
	@$(PY) -m mypy

floors: $(DEV) ## who may import whom
	@$(PY) -c 'from importlinter.cli import lint_imports_command as main; main()'

contracts: $(DEV) ## compare schema.graphql and openapi/ with what the program serves
	@$(PY) -m app contracts --check

bench: $(DEV) ## measure cancels per second and latency
	@$(PY) -m bench $(ARGS)

torture: $(DEV) ## kill 120 times on each engine, race 12,000 requests, tell 300 orders all there is (DRAGOMAN_TORTURE_*)
	@DRAGOMAN_TORTURE_KILLS=$${DRAGOMAN_TORTURE_KILLS:-120} \
	  DRAGOMAN_TORTURE_RACES=$${DRAGOMAN_TORTURE_RACES:-3000} \
	  DRAGOMAN_TORTURE_EXAMPLES=$${DRAGOMAN_TORTURE_EXAMPLES:-300} \
	  $(PY) -m pytest tests/torture tests/dialects/test_races.py tests/dialects/test_aftersales_machine.py \
	  --override-ini log_cli=true $(ARGS)

fuzz: $(DEV) ## make up 200 requests of each kind for every operation, and GraphQL documents (DRAGOMAN_FUZZ_EXAMPLES)
	@DRAGOMAN_FUZZ_EXAMPLES=$${DRAGOMAN_FUZZ_EXAMPLES:-200} \
	  $(PY) -m pytest tests/contracts/test_fuzz.py tests/contracts/test_fuzz_graphql.py $(ARGS)

install: $(DEV) ## make .venv with everything for development

# Names, versions and hashes only: where packages come from is each machine's own business.
# Development first: one of its tools may hold back what the server uses, and both must agree.
LOCK = UV_CUSTOM_COMPILE_COMMAND='make lock' $(PY) -m uv pip compile --quiet --universal \
  --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url --group build

lock: $(DEV) ## lock the dependencies anew (ARGS=--upgrade for newer versions)
	@$(LOCK) --extra dev --output-file requirements-dev.lock $(ARGS) pyproject.toml
	@$(LOCK) --constraint requirements-dev.lock --output-file requirements.lock $(ARGS) \
	  pyproject.toml
	@! grep -nE '://|file:|index-url|find-links' requirements.lock requirements-dev.lock

clean: ## remove .venv and caches
	@rm -rf $(VENV) tests/node/node_modules .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis \
	  build dist dragoman.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The first Python that is new enough, $(PYTHON) before all others. A failed start leaves no
# half-made folder behind that a second try would take for a good one.
$(PY):
	@for name in '$(PYTHON)' python3.13 python3.12 python3.11 python3; do \
	  if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    found=$$name; break; \
	  fi; \
	done; \
	if [ -z "$${found:-}" ]; then \
	  is=$$('$(PYTHON)' --version 2>/dev/null) || is='not there'; \
	  echo "Dragoman needs Python 3.11 or newer; $(PYTHON) is $$is." >&2; \
	  echo 'Name one: make PYTHON=/path/to/python3.12' >&2; \
	  exit 1; \
	fi; \
	"$$found" -m venv --clear $(VENV) || { \
	  rm -rf $(VENV); \
	  echo "$$found could not make a virtual environment (see above)." >&2; \
	  echo 'On Debian and Ubuntu, install the package python3-venv.' >&2; \
	  exit 1; \
	}

$(RUNTIME): $(PY) requirements.lock pyproject.toml
	@echo 'Installing what the server needs (once per lock file) ...'
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# Clients that are written for Node; without it, or without a registry, their tests are skipped.
$(NODE): tests/node/package-lock.json
	@if command -v npm >/dev/null; then \
	  npm ci --prefix tests/node --ignore-scripts --no-audit --no-fund --silent && touch $@ || \
	    echo 'The clients for Node could not be installed; their tests are skipped.' >&2; \
	fi

$(DEV): $(RUNTIME) requirements-dev.lock
	@echo 'Installing what development needs (once per lock file) ...'
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
