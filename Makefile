# Everything a fresh machine needs is Python 3.11 with pip and venv, git and make.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: help run demo test prove evals cover check lock install install-test clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1	/' | expand -t 22

run: install ## start the service on http://127.0.0.1:8000
	@$(BIN)/greenlight serve

demo: install ## the main job in the terminal, on this very repository
	@$(BIN)/greenlight demo .

test: install-test ## the whole suite
	@$(BIN)/python -m pytest -n auto

prove: install-test ## try for a long time to make the money wrong: stories, deaths, kills, fuzzing
	@$(BIN)/python benchmarks/prove.py
	@$(BIN)/python benchmarks/crashes.py
	@$(BIN)/python benchmarks/kills.py
	@$(BIN)/python benchmarks/kills.py --postgres
	@$(BIN)/python benchmarks/fuzz.py 5000
	@$(BIN)/python benchmarks/hostile.py

evals: install-test ## conversations that the model in GREENLIGHT_MODEL is judged by; the offline director without one
	@$(BIN)/python benchmarks/talks.py

# The tests of these modules, on SQLite. Two that count out every plan there is are too slow to trace.
MONEY := absent approvals estimate late_bills latecomers ledger money pictures prices quotes reconcile render silence \
	spill standstill stills upgrade webhooks

cover: install-test ## the money's modules under their tests: every line and every branch
	@$(BIN)/coverage run -m pytest -q $(MONEY:%=tests/test_%.py) -k 'not (postgres or counted_out or no_plan_is_ever)'
	@$(BIN)/coverage report

check: install-test ## lint, format, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/pyright

install: .venv/installed ## build .venv

install-test: .venv/installed-test

.venv/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing what Greenlight runs on (once)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check \
		--no-deps --no-build-isolation --editable .
	@touch $@

.venv/installed-test: .venv/installed tests/requirements.lock
	@echo "Installing what the tests run on (once)..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r tests/requirements.lock
	@touch $@

lock: install ## write the lock files anew: versions and hashes, no addresses
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.13,<0.14'
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
		--group pyproject.toml:build pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' \
		--constraints requirements.lock --group pyproject.toml:test -o tests/requirements.lock

clean: ## forget .venv and caches
	@rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache .prove
