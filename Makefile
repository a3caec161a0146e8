# `make` lists what there is. `make demo` and `make test` prepare all that they need by themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
# No byte-compiling of packages that nobody imports: it would double the time of the first run.
PIP    := $(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt

# What the machine can test: Docker where an engine answers, Gremlin Servers where two are named, the page where there is
# a Chromium (see tests/README.md). `make test REQUIRE=all` leaves none out: what is missing then fails.
DOCKER  := $(if $(REQUIRE),yes,$(shell docker info >/dev/null 2>&1 && echo yes))
GREMLIN := $(if $(REQUIRE),yes,$(and $(CKGQA_TEST_GREMLIN_37),$(CKGQA_TEST_GREMLIN_38)))
BROWSER := $(if $(REQUIRE),yes,$(shell command -v chromium 2>/dev/null))
MARKS   := not gpu and not slow$(if $(DOCKER),, and not docker)$(if $(GREMLIN),, and not gremlin)$(if $(BROWSER),, and not browser)

.DEFAULT_GOAL := help
.PHONY: help demo test slow lint types format docs contracts pictures images clean

help: ## what can be made
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

demo: $(VENV)/.run ## from nothing to an answered question, on the bundled sample (about 5 minutes)
	$(BIN)/python -m ckgqa.sample --output build/sample.zip
	$(BIN)/ckgqa run knowledge-graph --target process --raw build/sample.zip $(DEMO_GRAPH)
	$(BIN)/ckgqa run question-answering --target process $(DEMO_QUESTIONS)
	$(BIN)/ckgqa models approve extraction-model/latest --comment "make demo"
	$(BIN)/ckgqa models approve question-model/latest --comment "make demo"
	$(BIN)/ckgqa ask 《一九四二》是谁导演的？
	$(BIN)/ckgqa ask --follow-up 他的妻子呢？
	@echo "More questions on a page: $(BIN)/ckgqa serve, then http://127.0.0.1:8000"

test: $(VENV)/.dev ## every test that this machine can run; says what it leaves out
	@$(if $(DOCKER),,echo "left out: the tests marked docker, since no Docker engine answers")
	@$(if $(GREMLIN),,echo "left out: the tests marked gremlin, since CKGQA_TEST_GREMLIN_37 and _38 name no servers")
	@$(if $(BROWSER),,echo "left out: the tests marked browser, since there is no Chromium (on Debian: chromium and fonts-noto-cjk)")
	$(BIN)/python -m pytest -m "$(MARKS)" $(TESTS)

slow: $(VENV)/.dev ## the tests on real data (see tests/README.md for what they need)
	$(BIN)/python -m pytest -m slow $(TESTS)

lint: $(VENV)/.dev ## style, imports, docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## mypy, strict
	$(BIN)/mypy

format: $(VENV)/.dev ## put every file into the house's form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## write the tables of flags in the READMEs anew
	PYTHONPATH=$$(echo components/*/src | tr ' ' ':') $(BIN)/python tests/documents/tables.py

contracts: $(VENV)/.dev ## write the stages' contracts (component.py) anew from the settings of their programs
	PYTHONPATH=$$(echo components/*/src | tr ' ' ':') $(BIN)/python tests/contracts/generate.py

pictures: $(VENV)/.dev ## take the READMEs' pictures of the page anew (needs Chromium)
	PYTHONPATH=.:$$(echo components/*/src | tr ' ' ':') $(BIN)/python -m components.answer.tests.browser.pictures docs/pictures

images: $(VENV)/.run ## build every image that changed
	$(BIN)/ckgqa images build

clean: ## remove the environment and what was built; runs/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache

# Short trainings that the bundled sample needs; the defaults are for real archives. A BERT that knew no Chinese before
# understands new wordings far less often than a pretrained one: the gates are set for that.
DEMO_GRAPH := --epochs 4 --batch-characters 512
DEMO_QUESTIONS := --train-size 16000 --validation-size 600 --test-size 600 --epochs 6 --batch-characters 512 \
  --min-intent-accuracy 0.5 --min-slot-f1 0.4

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV) || { echo "no venv module: on Debian, apt-get install python3-venv" >&2; rm -rf $(VENV); exit 1; }

$(VENV)/.run: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e '.[cli,stages]'
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(PIP) -e '.[dev]'
	touch $@
