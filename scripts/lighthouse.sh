#!/usr/bin/env bash
# Lighthouse with its throttling for phones, on the release build: fails unless the pages are as fast and as accessible as
# scripts/lighthouse.mjs demands. QR_LOGIN_BIN selects another binary. `lighthouse.sh install` only installs it.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
installed=$TOOLS/lighthouse
from=scripts/tools/lighthouse
if ! cmp -s "$from/package-lock.json" "$installed/package-lock.json"; then
  say "installing Lighthouse (30 seconds)"
  mkdir -p "$installed"
  cp "$from/package.json" "$from/package-lock.json" "$installed/"
  if ! PUPPETEER_SKIP_DOWNLOAD=1 npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$installed" >/dev/null; then
    rm -f "$installed/package-lock.json"
    die "Lighthouse could not be installed"
  fi
fi
[ "${1:-}" != install ] || exit 0

folder=$(mktemp -d)
server='' chromium=''
stop() {
  # shellcheck disable=SC2086
  kill $server $chromium 2>/dev/null || true
  wait 2>/dev/null || true
  rm -rf "$folder"
}
trap stop EXIT
cat >"$folder/clients.toml" <<'TOML'
[[client]]
id = "app"
name = "App"
public = true
redirect_uris = ["https://app.example/callback"]
TOML
exec {out}< <(cd "$folder" && exec env -i QR_LOGIN_ADDR=127.0.0.1:0 QR_LOGIN_DATABASE_URL=sqlite::memory: \
  QR_LOGIN_CLIENTS_FILE=clients.toml "$(realpath "${QR_LOGIN_BIN:-$ROOT/target/release/qr-login}")" serve --demo 2>/dev/null)
server=$!
url=
while read -ru "$out" line; do
  case $line in "PC "*) url=${line##* } && break ;; esac
done
[ -n "$url" ] || die "the server did not start"

browser=${CHROMIUM:-/usr/bin/chromium}
[ -x "$browser" ] || browser=$(cd end2end && node -p 'require("playwright-core").chromium.executablePath()')
"$browser" --headless=new --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-component-update \
  --disable-sync --remote-debugging-port=0 --user-data-dir="$folder/profile" >/dev/null 2>"$folder/chromium.log" &
chromium=$!
port=
for _ in $(seq 300); do
  port=$(sed -n 's|^DevTools listening on ws://[^:]*:\([0-9]*\)/.*|\1|p' "$folder/chromium.log")
  [ -z "$port" ] || break
  kill -0 "$chromium" 2>/dev/null || die "Chromium did not start: $(tail -n 3 "$folder/chromium.log")"
  sleep 0.1
done
[ -n "$port" ] || die "Chromium opened no port"
LIGHTHOUSE=$installed/node_modules/lighthouse node scripts/lighthouse.mjs "$url" "$port"
