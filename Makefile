# Every target works as the first command on a machine that has Python 3.11+ and make.
PY := .venv/bin/python
ARGS ?=
SPEC ?=
LOG ?=

.DEFAULT_GOAL := help
.PHONY: help demo test run check audit look bench conformance chaos soak format lock venv venv-dev

help: ## Show what there is
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo '  Options go into ARGS, for example: make demo ARGS="--weeks 20 --json out.json"'

demo: venv ## Watch a server of 900 people become small groups, on this machine alone
	@$(PY) -m demo $(ARGS)

test: venv-dev ## Run every test
	@$(PY) -m pytest -n auto --dist worksteal $(ARGS)

run: venv ## Run the bot (config.toml and HEARTH_TOKEN, see the README)
	@$(PY) -m bot run $(ARGS)

check: venv-dev ## Format, lint, types and layers
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@.venv/bin/basedpyright --warnings
	@.venv/bin/lint-imports

look: venv-dev ## Open the last report in a browser (Chromium) and take pictures of it
	@$(PY) -m trials.look $(ARGS)

audit: venv-dev ## Ask whether anything that Hearth runs on has a known weakness
	@./.ci/audit

bench: venv-dev ## Measure speed and requests, as ratios within one run
	@$(PY) -m benchmarks $(ARGS)

conformance: venv-dev ## Hold the wire to Discord's OpenAPI description: make conformance SPEC=openapi.json
	@$(PY) -m trials.conformance --spec "$(SPEC)" $(ARGS)

chaos: venv-dev ## Kill the bot right before and right after every call, and see it converge
	@$(PY) -m trials.chaos $(ARGS)

soak: venv-dev ## A month of 2,000 people with every kind of fault
	@$(PY) -m trials.soak $(ARGS)

format: venv-dev ## Let the formatter and the safe fixes do their work
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

lock: ## Write the lock files anew (needs uv); both hold the same versions
	uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --group dev pyproject.toml -o requirements-dev.lock
	uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 --constraint requirements-dev.lock pyproject.toml -o requirements.lock

venv:
	@./make-venv.sh requirements.lock

venv-dev:
	@./make-venv.sh requirements-dev.lock
