# `make` lists the targets. `make demo` and `make test` prepare their environments by themselves.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

# `make test STAGE=notify` tests one stage in an environment that holds that stage's requirements alone.
STAGES     := $(notdir $(patsubst %/,%,$(dir $(wildcard components/*/component.py))))
STAGE_VENV := build/venvs/$(STAGE)
ifneq ($(STAGE),)
ifeq ($(filter $(STAGES),$(STAGE)),)
$(error STAGE $(STAGE): expected one of $(STAGES))
endif
endif

# `make TORCH=cpu ...` and `make TORCH=cuda ...` choose the build of torch; by default an NVIDIA GPU decides (see
# ckgqa/images/torch_source.py). Torch is installed first and alone, so that no other package comes from its index.
TORCH ?=
export TORCH
# Without --no-compile pip would compile packages that nobody imports, and the first run would take twice as long.
pip           = $(1)/bin/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt
install_torch = source=$$($(1)/bin/python -m ckgqa.images.torch_source) && $(call pip,$(1)) $$source

# The tests that this machine can run: Docker if an engine answers, the Gremlin Servers if two are named, the page if
# there is a Chromium (see tests/README.md). `make test REQUIRE=all` leaves no mark out: a missing part then fails.
DOCKER  := $(if $(REQUIRE),yes,$(shell docker info >/dev/null 2>&1 && echo yes))
GREMLIN := $(if $(REQUIRE),yes,$(and $(CKGQA_TEST_GREMLIN_37),$(CKGQA_TEST_GREMLIN_38)))
BROWSER := $(if $(REQUIRE),yes,$(shell command -v chromium 2>/dev/null))
MARKS   := not gpu and not slow and not nightly$(if $(DOCKER),, and not docker)$(if $(GREMLIN),, and not gremlin)$(if $(BROWSER),, and not browser)

.DEFAULT_GOAL := help
.PHONY: help demo test slow nightly lint types format docs contracts pictures images clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 11

demo: $(VENV)/.run ## go from nothing to an answered question, on the bundled sample (about 5 minutes)
	$(BIN)/python -m ckgqa.sample --output build/sample.zip
	$(BIN)/ckgqa run knowledge-graph --target process --raw build/sample.zip $(DEMO_GRAPH)
	$(BIN)/ckgqa run question-answering --target process $(DEMO_QUESTIONS)
	$(BIN)/ckgqa models approve extraction-model/latest --comment "make demo"
	$(BIN)/ckgqa models approve question-model/latest --comment "make demo"
	$(BIN)/ckgqa ask 《一九四二》是谁导演的？
	$(BIN)/ckgqa ask --follow-up 他的妻子呢？
	@echo "More questions on a page: $(BIN)/ckgqa serve, then http://127.0.0.1:8000"

test: $(if $(STAGE),$(STAGE_VENV)/.ready,$(VENV)/.dev) ## run every test that this machine can run; STAGE=notify: one stage's, in its own environment
	@$(if $(DOCKER),,echo "left out: the tests marked docker, because no Docker engine answers")
	@$(if $(GREMLIN),,echo "left out: the tests marked gremlin, because CKGQA_TEST_GREMLIN_37 and _38 name no servers")
	@$(if $(BROWSER),,echo "left out: the tests marked browser, because there is no Chromium (on Debian: chromium and fonts-noto-cjk)")
	$(if $(STAGE),$(STAGE_PYTEST),$(BIN)/python -m pytest) -m "$(MARKS)" $(TESTS)

slow: $(VENV)/.dev ## run the tests on real data (tests/README.md lists the data)
	$(BIN)/python -m pytest -m slow $(TESTS)

nightly: $(VENV)/.dev ## run the slow tests and those that take too long for every change (about an hour)
	$(BIN)/python -m pytest -m "slow or nightly" $(TESTS)

lint: $(VENV)/.dev ## check style, imports and docstrings
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## check the types with mypy
	$(BIN)/mypy

format: $(VENV)/.dev ## format every file
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.dev ## write the READMEs' tables of flags and of localaws' operations
	PYTHONPATH=$$(echo components/*/src | tr ' ' ':') $(BIN)/python tests/documents/tables.py
	$(BIN)/python localaws/tests/conformance/table.py

contracts: $(VENV)/.dev ## write the stages' contracts (component.py) from their settings
	PYTHONPATH=$$(echo components/*/src | tr ' ' ':') $(BIN)/python tests/contracts/generate.py

pictures: $(VENV)/.dev ## take the READMEs' pictures of the page (needs Chromium)
	PYTHONPATH=.:$$(echo components/*/src | tr ' ' ':') $(BIN)/python -m components.answer.tests.browser.pictures docs/pictures

images: $(VENV)/.run ## build every image whose content changed
	$(BIN)/ckgqa images build

clean: ## remove the environments and build outputs; runs/ stays
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache

# Short trainings for the bundled sample; the defaults are for real archives. A BERT without pretraining understands new
# wordings far less often than a pretrained one, and the gates allow for that.
DEMO_GRAPH := --epochs 4 --batch-characters 512
DEMO_QUESTIONS := --train-size 16000 --validation-size 600 --test-size 600 --epochs 6 --batch-characters 512 \
  --min-intent-accuracy 0.5 --min-slot-f1 0.4

VENVS := $(VENV) $(if $(STAGE),$(STAGE_VENV))
$(VENVS:%=%/bin/python): %/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $* || { echo "no venv module: on Debian, apt-get install python3-venv" >&2; rm -rf $*; exit 1; }

# The stamp's name holds the value of TORCH: another value installs the other build.
TORCH_STAMP := .torch-$(or $(TORCH),default)
$(VENVS:%=%/$(TORCH_STAMP)): %/$(TORCH_STAMP): %/bin/python constraints.txt
	$(call install_torch,$*)
	rm -f $*/.torch-*
	touch $@

$(VENV)/.run: $(VENV)/$(TORCH_STAMP) pyproject.toml constraints.txt
	$(call pip,$(VENV)) -e '.[cli,stages]'
	touch $@

$(VENV)/.dev: $(VENV)/.run
	$(call pip,$(VENV)) -e '.[dev]'
	touch $@

ifneq ($(STAGE),)
STAGE_FILES  := $(wildcard $(addprefix components/$(STAGE)/,requirements.txt tests/requirements.txt tests/*/requirements.txt))
STAGE_TORCH  := $(if $(shell grep '^torch==' $(STAGE_FILES)),$(STAGE_VENV)/$(TORCH_STAMP))
STAGE_PYTEST := $(STAGE_VENV)/bin/python -m pytest -o pythonpath=". components/$(STAGE)/src" -o testpaths=components/$(STAGE)

$(STAGE_VENV)/.ready: $(STAGE_VENV)/bin/python $(STAGE_TORCH) $(STAGE_FILES) pyproject.toml constraints.txt
	$(call pip,$(STAGE_VENV)) -e . $(addprefix -r ,$(STAGE_FILES))
	touch $@
endif
