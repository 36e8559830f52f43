#!/usr/bin/env bash
# Starts the demonstration for this machine and for phones on the same network. Settings of your own win.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
mkdir -p data
export QR_LOGIN_ADDR=${QR_LOGIN_ADDR:-0.0.0.0:3000}
export QR_LOGIN_DATABASE_URL=${QR_LOGIN_DATABASE_URL:-sqlite://data/demo.db}
exec target/release/qr-login serve --demo
