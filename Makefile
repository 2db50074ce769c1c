.DEFAULT_GOAL := help
.PHONY: help setup run test check train bench names papers lock screenshots
PYTHON ?= $(shell command -v python3 || command -v python)
BOT := .venv/bin/bot

help: ## show this list
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: ## make both Python environments
	@$(PYTHON) scripts/setup.py

run: setup ## set up what is missing and run the bot
	@$(BOT) run

test: setup ## everything that CI runs
	@.venv/bin/python scripts/test.py

check: setup ## only what is quick: lint, types, imports, data, unit tests
	@.venv/bin/python scripts/test.py --quick

train: setup ## train the dialogue model if its data has changed
	@$(BOT) train

bench: setup ## measure the cost of a turn against Rasa's own server
	@$(BOT) bench turn

names: setup ## write bot/names.py from domain.yml
	@.venv/bin/python -m bot.names_generator

papers: setup ## write the data map and the retention plan of docs/privacy anew
	@$(BOT) privacy papers

lock: setup ## resolve both lock files anew
	@.tools/bin/uv pip compile pyproject.toml --group dev --python-version 3.12 --generate-hashes --no-header --no-annotate -q -o requirements.lock
	@cd dialogue && ../.tools/bin/uv pip compile pyproject.toml --group dev --python-version 3.10 --generate-hashes --no-header --no-annotate -q -o requirements.lock

screenshots: setup ## take the pictures of the README anew
	@.venv/bin/python scripts/screenshots.py
