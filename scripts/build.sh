#!/usr/bin/env bash
# Builds the pages' files and the server: a single binary with those files embedded, whose path is printed.
#   scripts/build.sh [release]   what is deployed: target/release/qr-login
#   scripts/build.sh demo        what `make run` serves: less optimised, in less than half the time
#   scripts/build.sh static      the release for any Linux on this kind of machine, linked to musl: target/static/qr-login
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
kind=${1:-release}
profile=release minutes=7 target=() folder=""
case $kind in
  release) ;;
  demo) profile=demo minutes=4 ;;
  static)
    folder=$(uname -m)-unknown-linux-musl
    target=(--target "$folder")
    have musl-gcc || apt_install musl-tools || die "musl-gcc is missing (Debian: musl-tools)"
    rustup target add "$folder" >/dev/null 2>&1 || die "rustup cannot fetch the target $folder"
    # The C parts are compiled with it, too.
    export "CC_${folder//-/_}=musl-gcc"
    ;;
  *) die "build.sh knows release, demo and static, not $kind" ;;
esac
mkdir -p target

# `is_current STAMP`: true if no input of the binary has changed since.
is_current() {
  [ -f "$1" ] &&
    [ -z "$(find src crates locales style public build build.rs Cargo.toml Cargo.lock .cargo scripts/frontend.mjs scripts/unexport.mjs \
      '(' -path crates/load -o -path crates/testkit -o -path 'crates/*/tests' ')' -prune -o -newer "$1" -print -quit)" ]
}

if [ "$kind" = demo ] && [ -x target/release/qr-login ] && is_current target/release.stamp; then
  say "the release build is up to date and serves the demo as well"
  echo target/release/qr-login
  exit
fi

# A stamp is created before the build and stored after it. This one is only stored if an input of the pages' files
# changed: the server embeds them and is rebuilt when they are.
if ! is_current target/site.stamp; then
  rm -f target/site.stamp
  touch target/site.stamp.new
  say "building the pages' WASM, script and style sheet (2 minutes the first time)"
  TOOLS=$TOOLS with_progress node scripts/frontend.mjs || die "the pages' files could not be built"
  mv target/site.stamp.new target/site.stamp
fi

touch "target/$kind.stamp.new"
say "building the server: $kind ($minutes minutes the first time, seconds when nothing changed)"
with_progress cargo build --locked --profile "$profile" "${target[@]}" --features ssr --bin qr-login || die "the server could not be built"
binary=target/$kind/qr-login
mkdir -p "target/$kind"
built=$CARGO_TARGET_DIR/${folder:+$folder/}$profile/qr-login
if ! [ "$built" -ef "$binary" ]; then
  # Atomically, because the old one may be running.
  cp "$built" "$binary.new"
  mv "$binary.new" "$binary"
fi
mv "target/$kind.stamp.new" "target/$kind.stamp"
say "ready: $binary ($(du -h "$binary" | cut -f1))"
echo "$binary"
