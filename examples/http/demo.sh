#!/bin/sh
# Builds the component, serves it, and asks it: twice at once, with content, and by way of itself.
set -eu
cd "$(dirname "$0")/../.."

printf '$ capwit build examples/http/guest.py --wit examples/http/wit --world app -o build/http.wasm\n'
capwit build examples/http/guest.py --wit examples/http/wit --world app -o build/http.wasm
printf '\n$ capwit serve --http 127.0.0.1:0 --allow-fetch "http://127.0.0.1:*" examples/http/app.toml\n'
rm -f build/http.log
capwit serve --http 127.0.0.1:0 --allow-fetch "http://127.0.0.1:*" examples/http/app.toml >build/http.log &
server=$!
trap 'kill $server 2>/dev/null || true' EXIT
until grep -qs '^serving' build/http.log; do
    kill -0 $server 2>/dev/null || exit 1
    sleep 0.1
done
cat build/http.log
python examples/http/ask.py "$(sed -n 's/^serving //p' build/http.log)"
kill -TERM $server
wait $server
printf '\nStopped.\n'
