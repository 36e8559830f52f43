#!/usr/bin/env bash
# Changes the domain, the policies and the limits in one place at a time, by cargo-mutants, and counts the changes that no
# test notices: at most 2 % of the viable ones, each with its reason in scripts/mutants.accepted. Not part of `make test`.
#   scripts/mutants.sh                                     all of it (about 20 minutes on two cores)
#   scripts/mutants.sh crates/domain/src/ticket/state.rs … these files alone
# It works on a copy, in which the server is reduced to its policies and what they need, so that a mutant takes seconds and not
# a minute. Unit tests of these files and the ticket's model are what must notice: the lowest level.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"

CARGO_MUTANTS_VERSION=27.1.0
MOST_PERCENT=2
# Files of src/server/security that need no more than the copy has.
POLICIES="address binding cookie device_binding device_cookie origin rate_limit secret signing_key token"
FILES=(crates/domain/src/{ticket/{state,transition,view},account/{types,validate},ids,time}.rs)
for policy in $POLICIES; do FILES+=("src/server/security/$policy.rs"); done
FILES+=(crates/store/src/memory.rs crates/store/src/memory/limits.rs)
if [ $# -gt 0 ]; then FILES=("$@"); fi

if ! [ "$(cargo mutants --version 2>/dev/null)" = "cargo-mutants $CARGO_MUTANTS_VERSION" ]; then
  say "installing cargo-mutants $CARGO_MUTANTS_VERSION from source (4 minutes, once)"
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_TARGET_DIR="$TOOLS/build" \
    cargo install -q cargo-mutants --version "$CARGO_MUTANTS_VERSION" --locked --root "$TOOLS"
  rm -rf "$TOOLS/build"
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
crate=$work/copy
mkdir -p "$crate" "$work/axum/src"
cp -r src crates Cargo.lock "$crate/"

# `keep FILE MODULE…`: the file declares these modules alone.
keep() {
  local file=$crate/src/$1 names
  shift
  names=$(printf '|%s' "$@")
  sed -i -E "/^(pub )?mod (${names#|});/b; /^(#\[cfg.*\]|(pub )?mod [a-z0-9_]+;)$/d" "$file"
}
keep lib.rs error server
keep server.rs failure security
# shellcheck disable=SC2086
keep server/security.rs $POLICIES

# The versions and features of the real crate; of axum the headers alone.
{
  awk '/^\[/ { on = /^\[workspace/ } on' Cargo.toml
  printf '[package]\nname = "qr-login"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\naxum = { path = "../axum" }\n'
  awk '/^\[/ { on = /^\[(dev-)?dependencies\]/ } on' Cargo.toml |
    grep -E '^(async-trait|base64|clock|cookie|domain|ed25519-dalek|futures|getrandom|hmac|ipnet|jsonwebtoken|serde|serde_json|server_fn|sha2|store|subtle|tempfile|thiserror|time|tokio|tracing|url|uuid)(\.workspace)? = ' |
    sed -E 's/, optional = true//; s/^uuid.*/uuid = { workspace = true, features = ["std", "v4"] }/'
  printf '[profile.dev]\ndebug = false\n'
} >"$crate/Cargo.toml"
printf '[package]\nname = "axum"\nversion = "0.0.0"\nedition = "2024"\n[dependencies]\nhttp = "1"\n' >"$work/axum/Cargo.toml"
echo 'pub use http;' >"$work/axum/src/lib.rs"

wanted=()
for file in "${FILES[@]}"; do wanted+=(--file "$file"); done
status=0
CARGO_TARGET_DIR=$work/target cargo mutants --dir "$crate" --in-place --workspace --output "$work" --timeout 120 --no-shuffle \
  --colors never "${wanted[@]}" -- --lib --test ticket_model || status=$?
# Mutants that were missed or timed out are counted here; anything else is a failure of the run.
case $status in 0 | 2 | 3) ;; *) die "cargo mutants ended with $status" ;; esac

out=$work/mutants.out
count() { wc -l <"$out/$1.txt"; }
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
done <"$out/missed.txt"
echo "$(count caught) caught, $(count timeout) timed out, $(count missed) survived of $viable viable, $(count unviable) unviable"
[ "$viable" -gt 0 ] || die "nothing was changed"
[ "$unexplained" = 0 ] && [ $(($(count missed) * 100)) -le $((viable * MOST_PERCENT)) ]
