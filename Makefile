# Two commands set up everything on a machine that has Python 3.11 to 3.13, pip and make:
#
#   make chat     talk to the packaged assistant in the terminal
#   make test     run every test
#
# Both create .venv and install the pinned dependencies first, once. `make help` lists the rest.

VENV := .venv
BIN := $(VENV)/bin

# A spinning OpenMP slows a CPU step several times; forked tokenizers warn; nothing here ever asks the hub.
export OMP_WAIT_POLICY := PASSIVE
export TOKENIZERS_PARALLELISM := false
export HF_HUB_OFFLINE := 1

# The first Python that fits; `make chat PYTHON=/path/to/python` takes another one.
PYTHON ?= $(shell for found in python3 python3.13 python3.12 python3.11 python; do \
	"$$found" $(FITS) 2>/dev/null && echo "$$found" && break; done)
FITS = -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'

PIP_INSTALL = $(BIN)/python -m pip install --quiet --quiet --no-input --disable-pip-version-check --no-compile \
	--retries 5 --timeout 120 --constraint constraints.txt

.PHONY: help chat serve test soak lint types format clean

help:
	@echo "make chat     talk to the packaged assistant in the terminal"
	@echo "make serve    the web page, and the API for OpenAI clients (http://127.0.0.1:8000)"
	@echo "make test     run every test; ARGS='tests/tools -k search' runs some"
	@echo "make soak     the long tests: load, crashes by the hundred, half-hour runs"
	@echo "make lint     check style       make format   mend it"
	@echo "make types    check types       make clean    remove .venv and caches"

chat: $(VENV)/.ready
	@$(BIN)/moss chat $(ARGS)

serve: $(VENV)/.ready
	@$(BIN)/moss serve $(ARGS)

# One OpenMP thread a worker: two workers with two threads each only wait for each other on two cores.
test: $(VENV)/.ready-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist worksteal $(ARGS)

# One after the other: they measure time and memory.
soak: $(VENV)/.ready-dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m soak $(ARGS)

lint: $(VENV)/.ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.ready-dev
	$(BIN)/mypy

format: $(VENV)/.ready-dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@"$(PYTHON)" $(FITS) 2>/dev/null || { echo "MOSS needs Python 3.11, 3.12 or 3.13; $(if $(PYTHON),$(PYTHON) is none of them,none is on the PATH)." \
		"Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python" >&2; exit 2; }
	@echo "Creating $(VENV) with $$("$(PYTHON)" --version) ..."
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot create virtual environments." \
		"On Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

# The stamps are touched only after pip has finished, so an interrupted installation is taken up again.
$(VENV)/.ready: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing MOSS and its dependencies (about a minute, once) ..."
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(BIN)/python
	@echo "Installing MOSS, its dependencies and the test tools (about a minute, once) ..."
	@$(PIP_INSTALL) --editable '.[train,dev]'
	@touch $(VENV)/.ready $@
