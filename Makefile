# `make demo` shows the whole way once, `make test` is what every change must pass,
# `make test-long` checks what takes too long for every change.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv

.PHONY: demo demo-ava test test-long install install-dev services lint types imports pytest texts clean

demo: install
	$(BIN)/kbuild demo

demo-ava: install
	$(BIN)/kbuild demo --ava

test: install-dev services lint types imports pytest

test-long: install-dev services
	$(BIN)/pytest -n 2 --dist loadgroup -m "long or hypothesis" --hypothesis-profile long

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(UV):
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"kinetics-builder needs Python 3.11 or later, {sys.executable} is {sys.version.split()[0]}. Try: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet uv

$(VENV)/.installed: $(UV) pyproject.toml
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -e .
	touch $@

$(VENV)/.installed-dev: $(UV) pyproject.toml
	$(UV) pip install --quiet --compile-bytecode --python $(BIN)/python -e . --group dev
	touch $@ $(VENV)/.installed

services:
	sh tests/install_services.sh

lint: install-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: install-dev
	$(BIN)/mypy

imports: install-dev
	$(BIN)/lint-imports

pytest: install-dev
	$(BIN)/pytest -n 3 --dist loadgroup

# Collects the page's texts anew: translate what is empty in the .po files then.
TEXTS := annotation_ui/translations
texts: install-dev
	$(BIN)/pybabel -q extract --mapping pyproject.toml -k lazy_gettext --no-wrap --add-location=file --sort-by-file --omit-header -o $(TEXTS)/messages.pot annotation_ui
	$(BIN)/pybabel -q update --no-wrap --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date -i $(TEXTS)/messages.pot -d $(TEXTS)

clean:
	rm -rf $(VENV) demo demo-small demo-ava demo-ava-small
