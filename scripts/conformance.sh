#!/usr/bin/env bash
# Runs the tests of the OpenID Foundation's modules and of the classic mistakes, and writes docs/conformance.md: one line
# per test with its result. `tests/architecture/conformance.rs` fails if that file does not list exactly these tests.
set -uo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT" || exit 1
page=docs/conformance.md
results=$(mktemp)
trap 'rm -f "$results"' EXIT

# Where they are: tests/NAME/… belongs to the suite NAME.
mapfile -t files < <(grep -rlE 'fn (oidcc_|also_|m[0-9]{2}_)[a-z0-9_]*\(' tests --include='*.rs' | sort)
mapfile -t suites < <(printf '%s\n' "${files[@]}" | cut -d / -f 2 | sed 's/\.rs$//' | sort -u)
cargo test --locked --no-fail-fast --features ssr "${suites[@]/#/--test=}" 2>&1 |
  tee /dev/stderr | sed -nE 's/^test (.*::)?((oidcc_|also_|m[0-9]{2}_)[a-z0-9_]*) \.\.\. (ok|FAILED)$/\2 \4/p' >"$results"

# Prints the lines of the tests of some files whose names match: name, what its comment says, result.
rows() {
  local names=$1
  shift
  awk -v names="^($names)" -v results="$results" '
    BEGIN { while ((getline line < results) > 0) { split(line, part, " "); result[part[1]] = part[2] } }
    /^ *\/\/\/ / { sub(/^ *\/\/\/ /, ""); says = says == "" ? $0 : says " " $0; next }
    /^ *#/ { next }
    /^ *(async )?fn / {
      name = $0; sub(/^ *(async )?fn /, "", name); sub(/[^a-z0-9_].*/, "", name)
      if (name ~ names) {
        shown = name; if (name ~ /^oidcc_/) gsub("_", "-", shown)
        outcome = result[name] == "ok" ? "passes" : "FAILS"
        printf "| `%s` | %s | %s |\n", shown, says, outcome
      }
    }
    { says = "" }' "$@" |
    # By the number of the mistake. Modules stay in the order of the files, where one line may continue the last.
    if [ "$names" = oidcc_ ]; then cat; else sort -s -t _ -k 1,1; fi
}

# `table HEADING KIND NAMES [FOLDER]`: those in the files whose path has FOLDER, or in all; nothing if there are none.
table() {
  local some
  mapfile -t some < <(printf '%s\n' "${files[@]}" | grep -- "/${4:-}")
  if [ "${#some[@]}" = 0 ]; then return; fi
  printf '\n## %s\n\n| %s | what it checks | result |\n| --- | --- | --- |\n' "$1" "$2"
  rows "$3" "${some[@]}"
}

{
  cat <<'END'
<!-- Written by scripts/conformance.sh. -->
# Conformance

The tests of the OpenID Connect provider by which it can be compared with others, and the result of each. All of them are
part of `make test`; `scripts/conformance.sh` runs them alone, and writes this page.

The first tables are the modules of the OpenID Foundation's conformance suite, under the names that they have there. They
are written anew from what each module requires, because the suite itself needs a public server and a person in front of a
browser. This is no certification. Where the suite would skip a module or only warn, the line says so.

The last tables are mistakes that other providers have made, most of them with an advisory. The mistakes were made here on
purpose, one by one, to see that the tests notice, except those of `m20`.
END
  table "Basic" module oidcc_ oidf_basic
  table "Config" module oidcc_ oidf_config
  table "RP-Initiated Logout" module oidcc_ oidf_logout
  table "Back-Channel Logout" module oidcc_ oidf_backchannel
  table "Classic mistakes" mistake 'm[0-9][0-9]_'
  table "Other mistakes" mistake also_
} >"$page"

if grep -q '| FAILS |$' "$page"; then die "not all of them pass"; fi
say "$(grep -c '| passes |$' "$page") tests in $page"
