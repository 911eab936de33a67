# `make demo` and `make test` set up all they need in .venv: Python 3.11 to 3.13 with its venv module
# is enough. Other targets: transfer, http, check, bench, soak, generate, clean.

PYTHON ?= $(shell for v in python3.11 python3.12 python3.13 python3; do \
	command -v $$v >/dev/null && $$v -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' \
	2>/dev/null && echo $$v && break; done)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready

.PHONY: demo transfer http run-wasm-host run-wasi-hello-c run-wasi-hello-rust wasi-tools wasi-lua wasi-quickjs test check bench soak generate clean

demo: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/kv/demo.sh

transfer: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/transfer/demo.sh

http: $(STAMP)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/http/demo.sh

run-wasm-host: $(STAMP)
	@$(BIN)/python examples/wasi/empty.py

run-wasi-hello-c: $(STAMP)
	@mkdir -p .cache
	@$(BIN)/python -m ziglang cc --target=wasm32-wasi -Os -s examples/wasi/hello.c -o .cache/hello.wasm
	@$(BIN)/capwit run .cache/hello.wasm

# Skipped, with the reason, where Rust has no library for wasip1.
run-wasi-hello-rust: .cache/hello-rust.wasm
	@test ! -f $< || $(BIN)/capwit run $<

.cache/hello-rust.wasm: examples/wasi/hello.rs examples/wasi/rust.py | $(STAMP)
	@mkdir -p .cache
	@$(BIN)/python examples/wasi/rust.py $< $@ || test $$? = 69

wasi-tools: $(STAMP)
	@mkdir -p .cache
	@$(BIN)/python -m ziglang cc --target=wasm32-wasi -Os -s examples/wasi/tools/*.c -o .cache/tools.wasm

wasi-lua: $(STAMP)
	@mkdir -p .cache
	@$(BIN)/python examples/wasi/lua/build.py .cache/lua.wasm

# Skipped, with the reason, where its sources cannot be had.
wasi-quickjs: $(STAMP)
	@mkdir -p .cache
	@$(BIN)/python examples/wasi/quickjs/build.py .cache/quickjs.wasm || test $$? = 69

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m capwit.codegen.publish --check

bench: $(STAMP)
	$(BIN)/python bench/run.py

soak: $(STAMP)
	$(BIN)/python bench/soak.py

generate: $(STAMP)
	$(BIN)/python -m capwit.codegen.publish

$(STAMP): pyproject.toml
	@test -n "$(PYTHON)" || { echo "capwit needs Python 3.11, 3.12 or 3.13, and found none: apt install python3 python3-venv"; exit 1; }
	@echo "setting up $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV) || { echo "capwit needs Python's venv module: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) build .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis
