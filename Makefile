# Two commands are enough: `make run` and `make test`. The rest is for those who change the code.
.DEFAULT_GOAL := help
.PHONY: help run test lint format lock messages bench chaos pictures clean

VENV := .venv
PY := $(VENV)/bin/python

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(VENV)/run-ready ## Start the dashboard, its workers and the provider's emulator
	@exec $(PY) manage.py up

test: $(VENV)/test-ready ## Run every test this machine allows
	@exec $(PY) -m tests.run $(ALL)

lint: $(VENV)/test-ready ## Check style, types, templates, imports, migrations and messages
	@exec $(PY) -m tests.lint

format: $(VENV)/test-ready ## Put the code into the one form
	@$(VENV)/bin/ruff check --fix --quiet . ; $(VENV)/bin/ruff format --quiet .
	@git ls-files 'templates/*.html' | xargs $(VENV)/bin/djade --target-version 5.2

pictures: $(VENV)/test-ready ## Take the pictures of the documents anew (needs chromium)
	@exec $(PY) -m tests.pictures

bench: $(VENV)/test-ready ## Measure what is promised
	@exec $(PY) -m tests.bench

chaos: $(VENV)/test-ready ## Break everything for a while, and prove that no call is doubled or lost
	@exec $(PY) -m tests.chaos --seed $(or $(SEED),1) --calls $(or $(CALLS),5000) $(ARGS)

messages: $(VENV)/test-ready ## Collect new texts for translation (needs gettext)
	@$(PY) manage.py makemessages --locale en --locale ru --no-location --no-obsolete --ignore '.venv*' --ignore var
	@$(PY) manage.py messages

lock: ## Renew the locks (needs uv)
	@./tests/lock.sh

clean: ## Remove the virtual environments; data in var/ stays
	@rm -rf .venv .venv-next

$(VENV)/run-ready: requirements.lock
	@./setup.sh $(VENV) requirements.lock
	@touch $@

$(VENV)/test-ready: requirements-dev.lock
	@./setup.sh $(VENV) requirements-dev.lock
	@touch $@ $(VENV)/run-ready
