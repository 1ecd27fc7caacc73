# Every command sets itself up; `make run` and `make test` are all a newcomer needs.
PYTHON ?= python3
export PORT BIND DATA_DIR MODELS_DIR ROUNDS JSON ONLY

.DEFAULT_GOAL := help
.PHONY: help run test check audit test-slow drills setup schema bench-browser clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: ## set up and serve the app with its demo project: PORT=8000 DATA_DIR=./data
	@exec $(PYTHON) -m backend.launch run

test: ## every layer: lint, types, import rules, pytest, vitest, end to end in Chromium
	@exec $(PYTHON) -m backend.launch test

check: ## lint, dangerous calls, types and import rules only
	@exec $(PYTHON) -m backend.launch check

audit: ## known vulnerabilities of what is installed, asked of PyPI and npm: needs the network
	@exec $(PYTHON) -m backend.launch audit

test-slow: ## the tests that take minutes: full-size golden models, requests made up from the schema
	@exec $(PYTHON) -m backend.launch test-slow

drills: ## fault drills with a table of counts before and after, on servers of their own: ONLY="web-kill ..." JSON=path
	@exec $(PYTHON) -m backend.launch drills

setup: ## install everything into .venv and frontend/node_modules
	@exec $(PYTHON) -m backend.launch setup

schema: ## regenerate schema.yml, the promises to clients, and the types of front end and client
	@exec $(PYTHON) -m backend.launch schema

bench-browser: ## time the decoder in Chromium against the official export: ROUNDS=30 JSON=path
	@exec $(PYTHON) -m backend.launch bench-browser

clean: ## remove caches and builds; data/ and .venv/ stay
	rm -rf frontend/dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
