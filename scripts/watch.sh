#!/usr/bin/env bash
# Rebuilds and reloads on every change, with the demo accounts.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
scripts/setup.sh watch
# cargo-leptos writes its own files there, without the brotli copies, which would otherwise be served.
rm -rf target/site target/site.stamp
# It builds one WASM module only; this is the other, for the page that scans.
TOOLS=$TOOLS node scripts/frontend.mjs scanner
mkdir -p data
export QR_LOGIN_DATABASE_URL=${QR_LOGIN_DATABASE_URL:-sqlite://data/demo.db}
exec cargo leptos watch -- serve --demo
