# `make` lists the targets; each one builds .venv/ from the lock file first, if it is missing or older than the lock.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.locked
PARAMS ?= params/sample.yml
SEED ?= 2026
WORKERS ?= 2
PIP_QUIET := --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help env sample close examples test check lint types lab desk desk-pictures bench bench-matching bench-sources bench-credit bench-collect bench-audit bench-desk docs lock clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

env: $(STAMP)  ## build .venv/ from requirements.lock (hashes checked)

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "arlib needs Python 3.11 or later; set PYTHON=python3.12 or alike")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install $(PIP_QUIET) --require-hashes -r requirements.lock
	$(BIN)/python -m pip install $(PIP_QUIET) --no-deps --no-build-isolation -e .
	touch $(STAMP)

outputs/_sample: $(STAMP)
	$(BIN)/arlib sample --out outputs/_sample --seed $(SEED)

sample: $(STAMP)  ## write the sample company's extracts to outputs/_sample (SEED=2026)
	$(BIN)/arlib sample --out outputs/_sample --seed $(SEED)

close: $(STAMP) | outputs/_sample  ## close October 2026 and week 44 of the sample company (PARAMS=params/mine.yml closes yours)
	$(BIN)/arlib close $(PARAMS)
	@if [ "$(PARAMS)" = params/sample.yml ]; then $(BIN)/arlib close params/sample-weekly.yml; fi

examples: $(STAMP)  ## close the real books under params/examples (those whose data is present)
	$(BIN)/arlib close params/examples/pay-to-invoice.yml
	@for book in ibm-ar highradius sap-forensic sap-forensic-pirates; do \
	    if [ -d ../shared/data ]; then $(BIN)/arlib close params/examples/$$book.yml || exit $$?; \
	    else echo "$$book: skipped, no ../shared/data"; fi; done

test: $(STAMP)  ## run all tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

lint: $(STAMP)  ## ruff, and the floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-cache

types: $(STAMP)  ## strict type check
	$(BIN)/mypy

check: lint types test  ## lint, types and tests: what a change must pass

lab: $(STAMP) | outputs/_sample  ## open JupyterLab at the investigation desk
	$(BIN)/arlib lab

desk: $(STAMP) | outputs/_sample  ## the investigation desk without code, in a browser
	$(BIN)/arlib desk

desk-pictures: $(STAMP)  ## take the pictures of docs/desk.md again (needs Chromium)
	rm -rf docs/pictures/desk
	ARLIB_SCREENSHOTS=docs/pictures/desk ARLIB_REQUIRE=chromium $(BIN)/python -m pytest -q tests/browser/test_desk_voila.py -k case_file

bench: $(STAMP)  ## measure all parts and write docs/benchmarks.md (ONLY=aging,close; QUICK=1 tries all on small data)
	$(BIN)/python benchmarks/run.py $(if $(ONLY),--only $(ONLY)) $(if $(QUICK),--quick)

bench-matching: $(STAMP)  ## accuracy and speed of cash application, beside plain rules (SCALE=--scale adds a million items)
	$(BIN)/python benchmarks/matching.py $(SCALE)
	$(BIN)/python benchmarks/combinations.py

bench-sources: $(STAMP)  ## a bank file of a million entries in a stream, and a table of ten million rows in a database
	$(BIN)/python benchmarks/bank_files.py
	$(BIN)/python benchmarks/big_table.py

bench-credit: $(STAMP)  ## an allowance of a million open items with 36 months of history, and 5,000 decisions read back
	$(BIN)/python benchmarks/allowance.py
	$(BIN)/python benchmarks/approvals.py

bench-collect: $(STAMP)  ## back-test of the cash forecast on real books; 1,000 statements of account
	$(BIN)/python benchmarks/forecast.py
	$(BIN)/python benchmarks/statements.py

bench-audit: $(STAMP)  ## coverage of sampling limits over 10,000 seeded populations; writes table and chart in docs
	$(BIN)/python benchmarks/sampling_coverage.py

bench-desk: $(STAMP)  ## time every interaction of the desk on a book of a million items, beside DuckDB and pandas
	$(BIN)/python benchmarks/desk.py

docs: $(STAMP)  ## write the generated pages and schemas again
	$(BIN)/python -m arlib.tables.dictionary > docs/data_dictionary.md
	$(BIN)/arlib params schema --out params/schema

lock: $(STAMP)  ## solve requirements.lock again from pyproject.toml (needs uv)
	uv pip compile --universal --generate-hashes --no-emit-index-url --no-emit-find-links --no-header \
	    --python-version 3.11 --extra dev pyproject.toml -o requirements.lock

clean:  ## remove the environment and caches, never outputs
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
