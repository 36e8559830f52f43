#!/usr/bin/env bash
# Mutation tests of the domain, the policies and the limits with cargo-mutants: at most 2 % of the viable mutants may be
# missed by the tests, each with its reason in scripts/mutants.accepted. Not part of `make test`.
#   scripts/mutants.sh                                     all of it (about 40 minutes on two cores)
#   scripts/mutants.sh crates/domain/src/ticket/state.rs … these files alone
# The crates are tested without the server, so that a mutant there takes seconds. The unit tests of these files and the
# ticket's model must catch them: the lowest level.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"

CARGO_MUTANTS_VERSION=27.1.0
MOST_PERCENT=2
FILES=(
  crates/domain/src/{ticket/{state,transition,view},account/{types,validate},ids,time}.rs
  crates/service/src/security/{binding,device_binding,device_cookie,rate_limit,secret,signing_key,token}.rs
  crates/service/src/security/{key_file,oidc_keys/jwt,oidc_keys/key_ring}.rs
  crates/store/src/memory.rs crates/store/src/memory/limits.rs
)
# Those that parse HTTP belong to the server, and take as long as it does to compile.
FILES+=(src/server/security/{address,cookie,origin}.rs)
if [ $# -gt 0 ]; then FILES=("$@"); fi

if ! [ "$(cargo mutants --version 2>/dev/null)" = "cargo-mutants $CARGO_MUTANTS_VERSION" ]; then
  say "installing cargo-mutants $CARGO_MUTANTS_VERSION from source (4 minutes, once)"
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_TARGET_DIR="$TOOLS/build" \
    cargo install -q cargo-mutants --version "$CARGO_MUTANTS_VERSION" --locked --root "$TOOLS"
  rm -rf "$TOOLS/build"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# `mutate NAME FOLDER OPTION…`: mutates those of the files that are in the folder.
mutate() {
  local name=$1 folder=$2 file wanted=() status=0
  shift 2
  for file in "${FILES[@]}"; do
    if [[ $file == "$folder"/* ]]; then wanted+=(--file "$file"); fi
  done
  if [ ${#wanted[@]} = 0 ]; then return; fi
  mkdir "$work/$name"
  CARGO_TARGET_DIR=$CARGO_TARGET_DIR/mutants CARGO_PROFILE_DEV_DEBUG=false cargo mutants --output "$work/$name" --timeout 120 \
    --no-shuffle --colors never "${wanted[@]}" "$@" || status=$?
  # Missed mutants and timeouts are counted below; anything else is a failure of the run.
  case $status in 0 | 2 | 3) ;; *) die "cargo mutants ended with $status" ;; esac
}
mutate domain crates/domain --package domain --test-package domain
# `Debug` decides nothing; that it prints no secret is tested as an attack.
mutate service crates/service --exclude-re 'impl .*Debug for' --package service --test-package service -- --lib security::
# With the contract of the stores in memory.
mutate store crates/store --package store --test-package store -- --lib --test store_contract memory
mutate server src --exclude-re 'impl .*Debug for' --package qr-login --features ssr -- --lib server::security

count() { cat "$work"/*/mutants.out/"$1.txt" | wc -l; }
viable=$(($(count caught) + $(count missed) + $(count timeout)))
unexplained=0
while read -r mutant; do
  # Without line and column, which change with every edit.
  name=$(sed -E 's/^([^:]+):[0-9]+:[0-9]+:/\1:/' <<<"$mutant")
  if reason=$(grep -F -A 1 -x "$name" scripts/mutants.accepted 2>/dev/null | sed -n 's/^  //p') && [ -n "$reason" ]; then
    echo "accepted: $mutant ($reason)"
  else
    echo "SURVIVED: $mutant"
    unexplained=$((unexplained + 1))
  fi
done < <(cat "$work"/*/mutants.out/missed.txt)
echo "$(count caught) caught, $(count timeout) timed out, $(count missed) survived of $viable viable, $(count unviable) unviable"
[ "$viable" -gt 0 ] || die "nothing was changed"
[ "$unexplained" = 0 ] && [ $(($(count missed) * 100)) -le $((viable * MOST_PERCENT)) ]
