#!/usr/bin/env bash
# Rebuilds and reloads at every change, with the demonstration accounts.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
mkdir -p data
export QR_LOGIN_DATABASE_URL=${QR_LOGIN_DATABASE_URL:-sqlite://data/demo.db}
exec cargo leptos watch -- serve --demo
