#!/bin/sh
# The path that README.md walks: from a schema to a component that holds real capabilities.
set -eu
cd "$(dirname "$0")/../.."

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

show capwit generate examples/kv/kv.capnp --out build/kv
show capwit build examples/kv/guest.py --wit build/kv/wit --world app -o build/app.wasm
show capwit build examples/kv/summarizer.py --wit build/kv/wit --world summary -o build/summary.wasm
show capwit inspect build/app.wasm
show capwit run examples/kv/app.toml
show capwit run --ledger examples/kv/app.toml

printf '\nThe same in C'
if capwit build examples/kv/guest.c --wit build/kv/wit --world app -o build/app-c.wasm 2>build/c.log; then
    printf ':\n'
    sed 's/app\.wasm/app-c.wasm/' examples/kv/app.toml >examples/kv/.app-c.toml
    trap 'rm -f examples/kv/.app-c.toml' EXIT
    show capwit run examples/kv/.app-c.toml
else
    printf ' needs one more tool, so it is left out here:\n'
    cat build/c.log
fi

cat <<'END'

What happened: a Cap'n Proto schema became a WIT package and Python bindings; two components were built
against it; a manifest granted the first one a store, a console and the second component, and nothing
else. Each handle that a guest held was one owned capability on the host, and every one was released:
the ledger's balance is zero.
END
