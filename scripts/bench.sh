#!/usr/bin/env bash
# Measures the release build, prints tables and writes docs/benchmarks. Run nothing else at the same time.
#   ONLY=logins,waiting   measures some of it: logins, page, reaction, waiting, start, floods, cluster, baseline, device,
#                         apps, forward-auth, micro
#   QUICK=1               only shows that everything works; its figures go to bench/ in the target folder
#   QR_LOGIN_BIN=FILE     measures another binary than the release build
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"

wanted() { [ -z "${ONLY:-}" ] || [[ ",${ONLY// /,}," == *",$1,"* ]]; }

scripts/setup.sh
# What setup has just installed.
source scripts/env.sh
have taskset || apt_install util-linux || die "taskset is missing: install util-linux"
if wanted cluster; then scripts/setup.sh engines; fi
# -nt is also true if nothing is installed.
if { wanted baseline || wanted device || wanted apps; } &&
  [ benches/baseline/package-lock.json -nt benches/baseline/node_modules/.package-lock.json ]; then
  say "installing the packages of the tutorial's way and of the device flow (5 seconds)"
  (cd benches/baseline && npm ci --silent --no-audit --no-fund)
fi
if [ -z "${QR_LOGIN_BIN:-}" ]; then scripts/build.sh >/dev/null; fi

# Ten thousand waiting PCs need as many open files, in the server and in the driver.
ulimit -Sn "$(ulimit -Hn)"
export ONLY=${ONLY:-} QUICK=${QUICK:-}

say "building the driver (2 minutes the first time, seconds when nothing changed)"
cargo build --quiet --release --locked -p load
if wanted micro; then
  cargo bench --quiet --locked --features ssr --bench micro --no-run
  say "measuring single functions"
  short=()
  if [ -n "$QUICK" ] && [ "$QUICK" != 0 ]; then short=(--warm-up-time 0.3 --measurement-time 0.5 --sample-size 20); fi
  # Functions that are no longer measured.
  rm -rf "$CARGO_TARGET_DIR/criterion"
  cargo bench --quiet --locked --features ssr --bench micro -- --quiet "${short[@]}"
fi
say "measuring the server (31 minutes, or 6 with QUICK=1)"
"$CARGO_TARGET_DIR/release/load"
