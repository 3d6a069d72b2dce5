# Handrail. `make` lists the commands.

SHELL := /bin/bash
VENV := .venv
PYTHON := $(VENV)/bin/python
HANDRAIL := $(PYTHON) -m bot.cli
export RASA_TELEMETRY_ENABLED := false
export TF_CPP_MIN_LOG_LEVEL := 3
# Only onnxruntime and scikit-learn compute here, a sentence at a time: more threads than one get in each other's way.
export OMP_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help setup environment run test test-all test-tools check bench train clean

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):[^#]*## */\1\t/' | expand -t 12

setup: environment  ## environment, key, sentence encoder, trained models: what is missing or out of date
	@$(HANDRAIL) setup

run: setup  ## set up, then run everything until Ctrl-C
	@exec $(HANDRAIL) run

# What each screen is for, in a browser, and the journey through both; `make test-all` has the rest.
SCREENS := $(addprefix tests/browser/,test_journey.py test_chat_page.py test_desk_page.py)

test: setup test-tools  ## set up, then unit, dialogue and web tests, and the screens in a browser
	$(PYTHON) -m pytest tests/unit tests/dialogue tests/web $(SCREENS)

# What many people do at one desk at once: on both databases.
RACES := tests/faults/test_desk_races.py tests/browser/test_desk_flows.py tests/browser/test_desk_races.py \
  $(addprefix tests/browser/,test_desk_looking.py test_desk_records.py test_desk_walk.py)

test-all: test  ## make test, all else in a browser, killed and frozen processes, and PostgreSQL for all that touches the database
	$(PYTHON) -m pytest tests/browser $(addprefix --ignore ,$(SCREENS))
	$(PYTHON) -m pytest tests/faults
	$(PYTHON) -m tests.postgresql $(PYTHON) -m pytest tests/unit tests/web $(RACES) --ignore tests/unit/triage --ignore tests/unit/content

check: environment  ## lint, types, who may import whom, content
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	@$(HANDRAIL) content check

bench: setup  ## compare with a stock Rasa project; half an hour, most of it training stock Rasa
	$(PYTHON) -m bench --write

train: environment  ## train the models again
	@$(HANDRAIL) train

clean:  ## remove models and caches; keeps the environment, the key and the database
	rm -rf models bench/.work .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

environment: $(VENV)/.synced

$(VENV)/.synced: pyproject.toml uv.lock
	@bash .ci/environment $(VENV)
	@touch $@

test-tools:
	@bash .ci/test-tools
