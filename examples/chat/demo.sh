#!/bin/sh
# Builds the room, serves it to all clients as one instance, and has a client that knows nothing but the schema.
set -eu
cd "$(dirname "$0")/../.."

show() {
    printf '\n$ %s\n' "$*"
    "$@"
}

show capwit generate examples/chat/chat.capnp --out build/chat
show capwit build examples/chat/guest.py --wit build/chat/wit --world app -o build/chat.wasm
printf '\n$ capwit serve --listen 127.0.0.1:0 --instances shared examples/chat/app.toml\n'
rm -f build/chat.log
capwit serve --listen 127.0.0.1:0 --instances shared examples/chat/app.toml >build/chat.log &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
until grep -qs '^serving' build/chat.log; do
    kill -0 $server 2>/dev/null || exit 1
    sleep 0.1
done
cat build/chat.log
show python examples/chat/client.py "$(sed -n 's/^serving .* at //p' build/chat.log)"
kill -TERM $server
wait $server
printf '\nStopped.\n'
