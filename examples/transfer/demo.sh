#!/bin/sh
# The path that README.md walks; the C guest first, which says at once where one of its tools is missing.
set -eu
cd "$(dirname "$0")/../.."

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

show capwit generate examples/transfer/post.capnp --out build/transfer
show capwit build examples/transfer/courier.c --wit build/transfer/wit --world courier -o build/courier.wasm
show capwit build examples/transfer/sender.py --wit build/transfer/wit --world sender -o build/sender.wasm
show capwit build examples/transfer/recipient.py --wit build/transfer/wit --world recipient -o build/recipient.wasm
show capwit run --ledger examples/transfer/post.toml
