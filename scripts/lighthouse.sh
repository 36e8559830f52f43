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
server=''
stop() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
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

[ -x "$CHROMIUM" ] || CHROMIUM=$(cd end2end && node -p 'require("playwright-core").chromium.executablePath()')
LIGHTHOUSE=$installed/node_modules/lighthouse TMPDIR=$folder node scripts/lighthouse.mjs "$url"
