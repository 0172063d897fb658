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
CODEGEN := $(VENV)/codegen/.installed
NODE := tests/node/node_modules/.installed
SITE := app/site/index.html
BUILDER := $(VENV)/.builder
BUILD_SITE = $(PY) -m zensical build --strict --clean >$(VENV)/site.log 2>&1 || { cat $(VENV)/site.log >&2; exit 1; }

export PIP_ROOT_USER_ACTION := ignore
# Wherever else Python is told not to keep what it has compiled: the tests start it some hundred times.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
# check is an order, not a set: its last line of output is the test summary.
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help install run demo docs test check lint fmt types floors contracts bench torture fuzz screenshots lock assets clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) $(SITE) ## serve on SQLite with demo data (DRAGOMAN_* settings apply)
	@exec $(PY) -m app serve --demo $(ARGS)

demo: $(RUNTIME) ## add demo data to the database and print a call for each dialect
	@exec $(PY) -m app demo $(ARGS)

test: $(DEV) $(NODE) $(CODEGEN) ## run the tests
	@$(PY) -m pytest --numprocesses $(SIDE_BY_SIDE) --dist worksteal $(ARGS)

# Types are checked while the tests run, which wait now and then and leave a core something to do.
check: lint floors contracts ## all that CI checks, tests last
	@$(PY) -m mypy >$(VENV)/types.log 2>&1 & types=$$!; \
	  $(MAKE) --no-print-directory test ARGS='$(ARGS)'; status=$$?; \
	  wait $$types || { cat $(VENV)/types.log; exit 1; }; exit $$status

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

docs: $(RUNTIME) $(BUILDER) ## build docs/ as a site into app/site, which is served at /docs; a broken link fails
	@$(BUILD_SITE)

screenshots: $(DEV) ## take the console's pictures for docs/ anew (ARGS=orders: this one only)
	@$(PY) -m tests.console.pictures $(ARGS)

install: $(DEV) $(CODEGEN) ## make .venv with everything for development

# Names, versions and hashes only: where packages come from is each machine's own business.
# Development first: one of its tools may hold back what the server uses, and both must agree.
LOCK = UV_CUSTOM_COMPILE_COMMAND='make lock' $(PY) -m uv pip compile --quiet --universal \
  --python-version 3.11 --generate-hashes --no-annotate --no-emit-index-url

lock: $(DEV) ## lock the dependencies anew (ARGS=--upgrade for newer versions)
	@$(LOCK) --group build --group docs --extra dev --output-file requirements-dev.lock $(ARGS) pyproject.toml
	@$(LOCK) --group build --constraint requirements-dev.lock --output-file requirements.lock $(ARGS) \
	  pyproject.toml
	@$(LOCK) --group docs --constraint requirements-dev.lock --output-file requirements-docs.lock $(ARGS)
	@$(LOCK) --group codegen --output-file requirements-codegen.lock $(ARGS)
	@! grep -nE '://|file:|index-url|find-links' requirements*.lock

# Compressed as they are served; a file's name has its version, so that browsers may keep it for ever.
PACKED = swagger-ui-dist@5.35.0 graphiql@4.1.2 react@18.3.1 react-dom@18.3.1
ASSETS := app/web/assets

assets: ## fetch the libraries of the pages for browsers anew (PACKED in the Makefile says which)
	@rm -rf build/assets && mkdir -p build/assets
	@cd build/assets && for package in $(PACKED); do \
	  npm pack --silent "$$package" >/dev/null && mkdir "$${package%@*}" && \
	  tar -xzf "$$(echo "$$package" | tr @ -).tgz" --strip-components 1 -C "$${package%@*}" || exit 1; \
	done
	@rm -f $(ASSETS)/*.gz $(ASSETS)/LICENSES.txt
	@cd build/assets && version() { sed -n 's/^ *"version": "\(.*\)",*$$/\1/p' "$$1/package.json" | head -1; } && \
	  pack() { sed '/^\/[/*]# sourceMappingURL=/d' "$$1/$$2" | gzip -9n > "../../$(ASSETS)/$$3-$$(version "$$1").$${2##*.}.gz"; } && \
	  pack swagger-ui-dist swagger-ui-bundle.js swagger-ui && pack swagger-ui-dist swagger-ui.css swagger-ui && \
	  pack graphiql graphiql.min.js graphiql && pack graphiql graphiql.min.css graphiql && \
	  pack react umd/react.production.min.js react && pack react-dom umd/react-dom.production.min.js react-dom
	@cd build/assets && for file in */LICENSE */NOTICE */*bundle.js.LICENSE.txt; do \
	  case $$file in *es-bundle*) continue;; esac; \
	  if [ -e "$$file" ]; then echo "=== $$file"; cat "$$file"; echo; fi; \
	done > ../../$(ASSETS)/LICENSES.txt

clean: ## remove .venv and caches
	@rm -rf $(VENV) app/site .cache tests/node/node_modules .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .schemathesis \
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

# Without a registry there is a server all the same: its /docs says what is missing.
$(BUILDER): $(PY) requirements-docs.lock
	@echo 'Installing what makes a site of docs/ (once per lock file) ...'
	@$(PIP) install --require-hashes --requirement requirements-docs.lock
	@touch $@

$(SITE): $(RUNTIME) mkdocs.yml $(wildcard docs/*.md docs/*/*.md)
	@{ $(MAKE) --no-print-directory --silent $(BUILDER) && $(BUILD_SITE); } || \
	  echo 'The documentation could not be built; /docs is without it.' >&2

# In a folder of its own: what it needs would not get along with what the server needs.
$(CODEGEN): $(PY) requirements-codegen.lock
	@rm -rf $(@D)
	@$(PIP) install --no-deps --require-hashes --target $(@D) --requirement requirements-codegen.lock
	@touch $@

$(DEV): $(RUNTIME) requirements-dev.lock
	@echo 'Installing what development needs (once per lock file) ...'
	@$(PIP) install --require-hashes --requirement requirements-dev.lock
	@touch $@
