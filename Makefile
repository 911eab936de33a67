# `make demo` and `make test` set up all they need in .venv: Python 3.11 to 3.13 with its venv module
# is enough. `make help` tells what else there is.

PYTHON ?= $(shell for v in python3.11 python3.12 python3.13 python3; do \
	command -v $$v >/dev/null && $$v -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$v && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
export NODE_PATH ?= $(CURDIR)/.cache/jco/node_modules

.PHONY: help demo transfer http chat run-wasm-host run-wasi-hello-c run-wasi-hello-rust wasi-tools wasi-lua wasi-quickjs test isolated test-no-lane check bench soak generate tree clean

demo: $(STAMP)  ## two components from one schema, built and run
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/kv/demo.sh

tree:  ## every module, and what it is
	@git ls-files 'codegen/*.py' 'bridge/*.py' 'preview1-adapter/*.py' | xargs awk 'FNR == 1 { gsub(/"""/, ""); print FILENAME ": " $$0 }'

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | awk -F '|' '{ printf "make %-20s %s\n", $$1, $$2 }'

transfer: $(STAMP)  ## three components, in Python and C, hand on one capability (needs wasm-tools or jco)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/transfer/demo.sh

http: $(STAMP)  ## a component behind capwit serve --http, and requests to it
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/http/demo.sh

chat: $(STAMP)  ## a component behind capwit serve --listen, and a plain Cap'n Proto client
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/chat/demo.sh

run-wasm-host: $(STAMP)  ## an empty core module, run by a host in Python
	@$(BIN)/python examples/wasi/empty.py

run-wasi-hello-c: $(STAMP)  ## a first program for WASI, in C
	@mkdir -p .cache
	@$(BIN)/python -m ziglang cc --target=wasm32-wasi -Os -s examples/wasi/hello.c -o .cache/hello.wasm
	@$(BIN)/capwit run .cache/hello.wasm

# Skipped, with the reason, where Rust has no library for wasip1.
run-wasi-hello-rust: .cache/hello-rust.wasm  ## the same in Rust, where it has a library for wasip1
	@test ! -f $< || $(BIN)/capwit run $<

.cache/hello-rust.wasm: examples/wasi/hello.rs | $(STAMP)
	@$(BIN)/capwit build $< -o $@ || test $$? = 69

wasi-tools: $(STAMP)  ## ls, cat, sort, a shell and others, as one module
	@mkdir -p .cache
	@$(BIN)/python -m ziglang cc --target=wasm32-wasi -Os -s examples/wasi/tools/*.c -o .cache/tools.wasm
	@echo "built .cache/tools.wasm: $(BIN)/capwit run --dir examples::/ .cache/tools.wasm ls /"

wasi-lua: $(STAMP)  ## Lua, as a module
	@mkdir -p .cache
	@$(BIN)/python examples/wasi/lua/build.py .cache/lua.wasm
	@echo "built .cache/lua.wasm: examples/wasi/README.md runs it"

# Skipped, with the reason, where its sources cannot be had.
wasi-quickjs: $(STAMP)  ## JavaScript, as a module (needs cargo)
	@mkdir -p .cache
	@$(BIN)/python examples/wasi/quickjs/build.py .cache/quickjs.wasm || test $$? = 69
	@test ! -f .cache/quickjs.wasm || echo "built .cache/quickjs.wasm: examples/wasi/quickjs/README.md runs it"

# Tests start some hundred processes of capwit, each in half the time when it is compiled, which a Python that
# may keep no bytecode (PYTHONDONTWRITEBYTECODE) would do anew in each. Of `--lane-notes FOLDER`, once that is there, pytest
# would look for its conftest in that folder.
test: $(STAMP)  ## every test
	@$(BIN)/python -m compileall -q bridge codegen preview1-adapter
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal --lane-notes=.cache/lane

# All tests whose guests' bytes took the lane, but for those that are marked `not_compared`. What differs is run once
# more: a difference is there again.
NO_LANE ?= tests
WITHOUT_LANE := $(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal --lane-notes=.cache/lane --no-lane
test-no-lane: $(STAMP)  ## after `make test`: guests do the same without the byte lane
	$(WITHOUT_LANE) $(NO_LANE) || $(WITHOUT_LANE) $(NO_LANE) --last-failed --last-failed-no-failures none

isolated: $(STAMP)  ## the tests of authority, transfers and requests, each guest in a process of its own
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal --isolate

check: $(STAMP)  ## lint, types, generated files
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m capwit.codegen.publish --check

bench: wasi-lua  ## what it costs, beside what else does the same
	$(BIN)/python bench/run.py

soak: $(STAMP)  ## 20,000 instances, 1,000,000 handles and a GiB to another process, in the same memory
	$(BIN)/python bench/soak.py

generate: $(STAMP)  ## write the generated files that are checked in
	$(BIN)/python -m capwit.codegen.publish

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "capwit needs Python 3.11, 3.12 or 3.13, and found none: apt install python3 python3-venv"; exit 1; }
	@echo "setting up $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { echo "capwit needs Python's venv module: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:  ## remove .venv, build and caches
	rm -rf $(VENV) build .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
