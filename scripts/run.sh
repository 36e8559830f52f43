#!/usr/bin/env bash
# Builds what is missing and serves the demo, to this machine and to phones on the same network. Your own settings take
# precedence.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
if ! [ -d "$CARGO_TARGET_DIR" ]; then
  say "first start: tools, the pages and the server are downloaded and compiled, 6 to 10 minutes on two cores"
fi
scripts/setup.sh
binary=$(scripts/build.sh demo)
mkdir -p data
export QR_LOGIN_ADDR=${QR_LOGIN_ADDR:-0.0.0.0:3000}
export QR_LOGIN_DATABASE_URL=${QR_LOGIN_DATABASE_URL:-sqlite://data/demo.db}
exec "$binary" serve --demo
