#!/usr/bin/env bash
# Builds the WASM, the style sheet and the server: leaves ONE binary with the site's files in it.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"

# Written only when something went into it: the server embeds these files and is built again when they are.
stamp=target/site.stamp
if ! [ -f "$stamp" ] || [ -n "$(find src crates style public Cargo.toml Cargo.lock .cargo -newer "$stamp" -print -quit)" ]; then
  mkdir -p target
  rm -f "$stamp"
  touch "$stamp.new"
  say "building the pages' WASM and style sheet (2 minutes the first time, seconds when nothing changed)"
  if ! cargo leptos build --release --frontend-only --precompress >"$TOOLS/frontend.log" 2>&1; then
    cat "$TOOLS/frontend.log" >&2
    die "the frontend did not build"
  fi
  mv "$stamp.new" "$stamp"
fi

say "building the server (5 minutes the first time, seconds when nothing changed)"
cargo build --quiet --release --locked --features ssr --bin qr-login
mkdir -p target/release
built=$CARGO_TARGET_DIR/release/qr-login
if ! [ "$built" -ef target/release/qr-login ]; then
  # In one step, for the old one may be running.
  cp "$built" target/release/qr-login.new
  mv target/release/qr-login.new target/release/qr-login
fi
say "ready: target/release/qr-login ($(du -h target/release/qr-login | cut -f1))"
