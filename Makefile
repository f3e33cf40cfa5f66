# Every target sets up what it needs; `make` alone lists them.
# On a fresh machine (Python 3.11 or newer, make, git) `make grade` and `make test` are all one types.

BIN := .venv/bin
WORKERS ?= 3
LOCK_PYTHON ?= $(shell command -v python3.11 || echo $(BIN)/python)
DEPS := $(or $(BYHAND_DEPS),locked)

# Stored outputs must not depend on which data sets this machine happens to have.
SHIPPED_DATA := env -u BYHAND_DATA BYHAND_OFFLINE=1 BYHAND_CACHE=build/no-cache
# Several processes at once, each on one core.
ONE_THREAD := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

.PHONY: help grade test audit notebooks lab site full attacks bench lock lint clean setup

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1	/p' $(MAKEFILE_LIST)

setup:
	@sh scripts/setup.sh

# Two assignments, one from either end of the first half, so that a first look takes no more than minutes.
ASSIGNMENTS ?= 01_perceptron_limits 05_layer_classes

grade: setup ## mark a sample class of 30 in build/sample_class; ASSIGNMENTS= takes all of the course
	@echo "== marking a sample class in build/sample_class"
	@$(BIN)/grader demo $(ASSIGNMENTS)

# Style, types and stored outputs belong to the locked versions; with others only behaviour is tested.
# The style is looked at beside the audit, which then has one core and later both.
test: ## everything CI runs
	@sh scripts/setup.sh test
	@$(MAKE) --no-print-directory -j 2 audit $(if $(filter locked,$(DEPS)),lint)
	@echo "== tests"
	@$(ONE_THREAD) $(BIN)/python -m pytest -q -n $(WORKERS) -p no:nbval
	@echo "== solution notebooks: executed again, outputs compared with the stored ones"
	@$(SHIPPED_DATA) $(ONE_THREAD) $(BIN)/python -m pytest -q -n 2 --dist loadscope --nbval-current-env \
		$(if $(filter locked,$(DEPS)),--nbval,--nbval-lax) solutions

audit: setup ## every exercise against its solution, alternatives, misconceptions and mutants
	@echo "== audit: every exercise against its solution, alternatives, misconceptions and mutants"
	@$(BIN)/grader audit

lint: setup ## style and types
	@echo "== ruff check"
	@$(BIN)/ruff check
	@echo "== ruff format --check"
	@$(BIN)/ruff format --check
	@echo "== mypy"
	@$(BIN)/mypy

notebooks: setup ## rebuild solutions/*.ipynb and notebooks/ from solutions/*.py
	@echo "== building the course"
	@$(SHIPPED_DATA) $(BIN)/grader build

lab: setup ## open JupyterLab in notebooks/
	@echo "== JupyterLab, until Ctrl-C"
	@cd notebooks && JUPYTER_PREFER_ENV_PATH=1 ../$(BIN)/jupyter lab --config=../scripts/jupyter_lab_config.py

# NOTEBOOKS= names some of them; EDITION=instructor is for instructors only.
site: setup ## the course as a book to browse: build/site, or build/site-instructor with EDITION=instructor
	@echo "== the site"
	@$(ONE_THREAD) $(BIN)/grader site $(NOTEBOOKS) --edition $(or $(EDITION),student)

full: setup ## the results at full size; BYHAND_DATA names the folder with mnist/
	@echo "== results at full size, to build/full.json and build/full.md"
	@$(ONE_THREAD) $(BIN)/grader full

attacks: setup ## hostile submissions, here and under nbgrader as it comes: build/attacks.json
	@echo "== hostile submissions"
	@$(ONE_THREAD) $(BIN)/python -m tests.attacks

bench: setup ## speed and scale side by side with others: build/bench.json; PARTS= names some of marking, training, checks, scale
	@echo "== benchmarks, to build/bench.json and build/bench.md"
	@$(BIN)/python -m tests.bench $(PARTS)

# The oldest Python of the project, because the packages it needs include those of all newer ones.
lock: setup ## make requirements.lock again with the newest versions
	@echo "== installing the newest versions into build/lock"
	@rm -rf build/lock && $(LOCK_PYTHON) -m venv build/lock
	@build/lock/bin/python -m pip install --quiet --disable-pip-version-check '.[dask,postgres,site,test]'
	@echo "== writing requirements.lock"
	@mkdir -p build && { \
		echo "# Exact versions of everything that the package and its tests need (PyTorch apart)."; \
		echo "# Made by 'make lock' on Python 3.11; do not edit."; \
		build/lock/bin/python -m pip freeze --exclude byhand --exclude pip --exclude setuptools --exclude wheel \
			| sed 's/+.*//'; \
	} > build/requirements.lock && mv build/requirements.lock requirements.lock

clean: ## remove what was built, and caches; keeps .venv and all submissions
	@echo "== removing build/, dist/ and caches"
	@rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find . -path ./.venv -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +
