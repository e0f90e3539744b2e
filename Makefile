# Targets for people and for the build server. `make help` lists them.
# Paths are relative on purpose: a checkout whose path has a space works.

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 3
ARGS ?=

# Directories a fresh clone may lack while nothing is in them.
FAST := $(wildcard tests/domain tests/engine tests/docs tests/test_imports.py)
SLOW := $(wildcard tests/adapters tests/cogs)
TYPED := bot cogs

.DEFAULT_GOAL := help
.PHONY: help playground run install test check check-static check-all mutants bench lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile

playground: $(VENV)/installed ## try her in a browser, without an account
	@$(BIN)/mira playground $(ARGS)

run: $(VENV)/installed ## run her on Discord (needs DISCORD_TOKEN, see .env.example)
	@$(BIN)/mira run $(ARGS)

install: $(VENV)/installed ## a .venv with the mira command, nothing else
	@echo "ready: $(BIN)/mira"

test: $(VENV)/installed-dev ## the whole suite
	@.ci/chromium
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: check-static ## format, lint, types, import contracts and fast tests
	@$(BIN)/python -m pytest $(FAST)

check-static: $(VENV)/installed-dev
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy $(TYPED)
	@$(BIN)/lint-imports

check-all: check ## check, and the tests against a real Postgres
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(SLOW)

mutants: $(VENV)/installed-dev ## change the affect model in every small way; its tests must notice
	@$(BIN)/python -m tests.mutants $(ARGS)

bench: $(VENV)/installed-dev ## measure her against loopback servers
	@$(BIN)/python -m bench $(ARGS)

lock: ## resolve the lock files anew (needs uv)
	@.ci/lock

clean: ## remove the virtual environment and the caches
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache

$(VENV)/installed: requirements.lock pyproject.toml .ci/venv
	@PYTHON="$(PYTHON)" .ci/venv requirements.lock
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@PYTHON="$(PYTHON)" .ci/venv requirements-dev.lock
	@touch $@
