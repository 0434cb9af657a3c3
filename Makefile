# Two commands are enough: "make run" runs level 1 on this machine, "make test" tests the provider.
# Everything made here lies in .venv, Avocado's data included; guests lie in the user's cache.

PYTHON ?= python3

VENV := $(CURDIR)/.venv
INSTALLED := $(VENV)/.installed
# As an activated environment: Avocado runs its helpers from PATH.
export VIRTUAL_ENV := $(VENV)
export PATH := $(VENV)/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup host run test test-host test-debug lint unit functional bench clean

help:  ## show the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: host $(INSTALLED)  ## install what is missing, register the tests with Avocado-VT
	@# The first time, Avocado-VT complains at length that it has not been set up yet.
	avocado vexfs setup --data-dir $(VENV)/var/avocado-data 2>$(VENV)/setup.log || \
		{ status=$$?; cat $(VENV)/setup.log >&2; exit $$status; }

host:
	@deps/install-host.sh

$(INSTALLED): setup.py pyproject.toml | host
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "PYTHON=$(PYTHON) is $$($(PYTHON) --version 2>&1); 3.11 or newer is needed:" \
			"make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

$(VENV)/.bench: $(INSTALLED)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check --editable '.[dev,bench]'
	@touch $@

run: setup  ## build the guest if need be, run level 1 and say how it went
	avocado vexfs guest build
	@status=0; avocado run --vt-type qemu vexfs.level1 || status=$$?; \
	python -m results_parsers.summary ~/avocado/job-results/latest; exit $$status

test: setup test-host lint unit functional  ## lint, unit tests and tests on real guests

test-host:
	@deps/install-host.sh deps/test-packages.txt || \
		echo "make test: the tests that need these packages will be skipped" >&2

test-debug: setup  ## compile the debug kernels if need be (half an hour each), test on them
	deps/install-host.sh deps/kernels/host-packages.txt
	avocado vexfs guest build --kernel debug --kernel debug-kcsan
	pytest --quiet -rs selftests/functional/test_debug_kernel.py

lint: setup  ## style and types
	ruff check .
	ruff format --check .
	mypy

unit: setup  ## tests without a guest, half a minute
	pytest --quiet selftests/unit

functional: setup  ## tests on real guests; those that were skipped are listed with the reason
	pytest --quiet -rs selftests/functional

bench: setup $(VENV)/.bench  ## measure speed, into build/bench.json; make bench-NAME: one group
	python -m benchmarks

bench-%: setup $(VENV)/.bench
	python -m benchmarks $*

clean:  ## remove what make made in this folder
	rm -rf .venv build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
