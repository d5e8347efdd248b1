# make demo and make test need only git, make and Python >= 3.11; both make .venv first.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3 python,$(shell command -v $(name) 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help setup demo test quick lint browser golden claims bench figures docs evidence wheel clean

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

setup: $(READY) ## create .venv with rubicon in it

$(READY): pyproject.toml constraints.txt
	@[ -n "$(PYTHON)" ] || { echo "make setup: no Python found; install Python 3.11 or later, or call make PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "make setup: $(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or later is needed: make PYTHON=/path/to/python3.11"; exit 2; }
	@echo "Creating $(VENV) with the pinned dependencies (about a minute)..."
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: setup ## the main job: 20,000 runs of the default scenario, and its figures
	@rm -rf results/run/historical/demo
	@$(BIN)/rubicon run name=demo
	@echo "Figures:"; ls -1 results/run/historical/demo/figures/*.png

lint: setup ## style, types, layers
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

# Installed only where nobody is asked: in continuous integration, as root. Elsewhere the tests that need it are skipped.
CHROMIUM = $(firstword $(foreach name,chromium chromium-browser google-chrome,$(shell command -v $(name) 2>/dev/null)))

browser: ## look for Chromium, which the tests of pages drive
	@if [ -z "$(CHROMIUM)" ] && [ -n "$$CI" ] && [ "$$(id -u)" = 0 ] && command -v apt-get > /dev/null; then \
		echo "Installing Chromium for the browser tests..."; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium > /dev/null; \
	elif [ -z "$(CHROMIUM)" ]; then \
		echo "make browser: no Chromium found; the browser tests are skipped. On Debian or Ubuntu: apt-get install chromium"; fi

test: lint browser ## everything that must hold before a change lands
	@$(BIN)/pytest -q -n 2

# One of each kind: bytes of the run tables, both engines, the model's limits, capsules, the command line.
QUICK := tests/golden tests/equivalence/test_batches.py tests/theory/test_core_limit.py tests/unit/test_step.py tests/unit/test_cli.py \
	tests/unit/test_jit.py tests/unit/test_rules_march.py tests/unit/test_rules_calls.py tests/unit/test_rules_terms.py tests/unit/test_luck.py

quick: lint ## style, types, layers and the tests that matter most, in about a minute
	@$(BIN)/pytest -q -n 2 -m "not slow" $(QUICK)

golden: setup ## accept changed stories and digests, and show what changed
	@RUBICON_ACCEPT=1 $(BIN)/pytest -q -s tests/golden

claims: setup ## count false claims of every verb over 200 seeds (about ten minutes), write docs/claims.md
	@rm -rf build/claims
	@RUBICON_CLAIMS_SEEDS=200 RUBICON_CLAIMS_ROWS=build/claims $(BIN)/pytest -q -n 2 tests/calibration
	@$(BIN)/python -m tests.calibration.counting build/claims docs/claims.md

bench: setup ## runs per second of both engines, side by side
	@$(BIN)/python benchmarks/bench.py

figures: setup ## draw the demo's figures again
	@$(BIN)/rubicon plot results/run/historical/demo

docs: setup ## write the tables and pictures of the documents anew
	@$(BIN)/python -m tools.tables README.md docs/model.md docs/patterns.md
	@rm -rf build/docs && mkdir -p build docs/img
	@$(BIN)/rubicon run out=build/docs name=pictures figures.dpi=80 'figures.formats=[png]' > build/docs.log
	@$(BIN)/rubicon replay build/docs/run/historical/pictures --replicate 3 >> build/docs.log
	@cp build/docs/run/historical/pictures/figures/outcome_shares.png build/docs/run/historical/pictures/figures/column_fan.png docs/img/
	@$(BIN)/rubicon tension history=true what_if=0 out=build/docs name=pictures figures.dpi=80 'figures.formats=[png]' >> build/docs.log
	@$(BIN)/rubicon sweep sweep=rank out=build/docs name=pictures figures.dpi=80 'figures.formats=[png]' keep=summary >> build/docs.log
	@cp build/docs/run/historical/pictures/stories/replicate-3.png docs/img/story.png
	@cp build/docs/tension/historical/pictures/figures/tension.png build/docs/sweep/historical/pictures/figures/phase_diagram.png docs/img/
	@$(BIN)/python -m tools.pictures docs/img

EVIDENCE := out=build/evidence name=evidence 'figures.formats=[png]' figures.dpi=80

evidence: setup ## run the studies of credibility and write docs/credibility.md and the README's numbers from them
	@rm -rf build/evidence && mkdir -p build/evidence docs/evidence
	@$(BIN)/rubicon validate jury=true $(EVIDENCE) > build/evidence.log
	@$(BIN)/rubicon calibrate $(EVIDENCE) >> build/evidence.log
	@$(BIN)/rubicon backtest $(EVIDENCE) >> build/evidence.log
	@$(BIN)/rubicon game gambit=false replicate=17 hour=22 $(EVIDENCE) >> build/evidence.log
	@$(BIN)/rubicon ledger $(EVIDENCE) >> build/evidence.log
	@$(BIN)/rubicon disclose $(EVIDENCE) >> build/evidence.log
	@$(BIN)/python -m tools.evidence build/evidence docs/credibility.md README.md

wheel: setup ## a built wheel, in a fresh environment, knows its configuration
	@rm -rf build/wheel && mkdir -p build/wheel
	@$(BIN)/python -m pip wheel --quiet --disable-pip-version-check --no-deps -w build/wheel .
	@$(BIN)/python -m venv --clear build/wheel/venv
	@build/wheel/venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt build/wheel/*.whl
	@cd build/wheel && venv/bin/rubicon list scenarios && venv/bin/rubicon run --cfg job -p route.halt

clean: ## remove the environment and build leftovers, keep results
	@rm -rf $(VENV) build dist
