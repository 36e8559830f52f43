#!/usr/bin/env bash
# Runs every check, or those named (lint, rust, size, e2e, interop), and ends with a line `N passed, N failed`.
#   scripts/test.sh screens   the browser test of every page in every state alone; with SCREENS set it takes screenshots
set -uo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT" || exit 1
wanted=${*:-lint rust size e2e interop}
passed=0 failed=0
# Checks that were skipped, repeated at the end.
unchecked=()
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Limits, in bytes (brotli), of everything that a page loads and of the WASM in it. The second is close to the actual
# size, so that a crate which ends up in the browser build is noticed: serde_json alone would add 10 KB.
PAGE_BUDGET=$((60 * 1024))
WASM_BUDGET=$((46 * 1024))
# Of the worker that reads codes with its script, and of the script of the page that scans.
SCAN_BUDGET=$((40 * 1000))
SCAN_PAGE_BUDGET=$((6 * 1000))
BINARY_BUDGET=$((30 * 1024 * 1024))

# A check that passes or fails as a whole: `check NAME COMMAND…`
check() {
  local name=$1
  shift
  say "$name"
  if "$@" >"$logs/check" 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    tail -n 60 "$logs/check"
    echo "FAILED: $name"
  fi
}

# `leave_out WHAT WHY`: neither passed nor failed.
leave_out() {
  unchecked+=("$1: $2")
  echo "NOT CHECKED: $1: $2"
}

# Cargo's tests, counted one by one. Attacks are listed by name, all others only if they fail.
cargo_tests() {
  local name=$1 status
  shift
  say "$name"
  scripts/with-engines.sh cargo test --locked --no-fail-fast "$@" 2>&1 | tee "$logs/cargo" | awk '
    /^ +(Running|Doc-tests) / { attacks = /tests\/attacks\.rs/; if (attacks) print "the attacks:"; next }
    /^ +(Compiling|Downloading|Downloaded|Finished|Blocking|Locking|Updating) / { next }
    /^running [0-9]+ test/ || /^test result/ || /^$/ { next }
    /^test .* \.\.\. ok$/ { if (attacks) print "  " $0; next }
    { print; fflush() }'
  status=${PIPESTATUS[0]}
  local good bad
  good=$(awk '/^test result/ { sum += $4 } END { print sum + 0 }' "$logs/cargo")
  bad=$(awk '/^test result/ { sum += $6 } END { print sum + 0 }' "$logs/cargo")
  passed=$((passed + good))
  failed=$((failed + bad))
  # A suite that did not build, or that ran no test, has failed.
  if [ "$status" != 0 ] && [ "$bad" = 0 ] || [ "$good" = 0 ]; then failed=$((failed + 1)); fi
}

# Licences, sources and bans need no network; advisories need the RustSEC database, a repository on GitHub. If it cannot
# be fetched, an earlier copy is used.
dependencies() {
  if ! have cargo-deny; then
    leave_out "licences, sources and advisories of crates" "cargo-deny could not be installed; QR_LOGIN_FULL_LINT=1 builds it"
    return
  fi
  check "licences, sources and bans of crates" cargo deny --locked check --hide-inclusion-graph licenses bans sources
  local copies=${CARGO_HOME:-$HOME/.cargo}/advisory-dbs
  if timeout 120 cargo deny fetch db >/dev/null 2>&1; then
    check "advisories of crates" cargo deny --locked check advisories
  elif compgen -G "$copies/*/crates" >/dev/null; then
    check "advisories of crates, as of $(git -C "$(compgen -G "$copies/*/" | tail -n 1)" log -1 --format=%cs): no newer ones are reachable" \
      cargo deny --locked --offline check advisories
  else
    leave_out "advisories of crates" "the RustSEC database is not reachable, and there is no earlier copy in $copies"
  fi
}

# The registry's audit of a lock file. Some mirrors do not support it.
npm_audit() {
  local folder=$1 report
  report=$(cd "$folder" && timeout 120 npm audit --package-lock-only --audit-level=moderate --json 2>/dev/null)
  local status=$?
  if ! grep -q '"auditReportVersion"' <<<"$report"; then
    leave_out "advisories of npm packages in $folder" "the registry does not answer audits"
    return
  fi
  check "advisories of npm packages in $folder" npm_audit_passed "$status" "$report"
}
npm_audit_passed() {
  echo "$2"
  return "$1"
}

# `declared PROGRAM NAME COMMAND…`: a check by a program that may not be installed.
declared() {
  local program=$1 name=$2
  shift 2
  if have "$program"; then check "$name" "$@"; else leave_out "$name" "$program could not be installed"; fi
}

# The oldest version only has to compile it, whatever it warns of. If it is the one in use, the lints have done that.
oldest_rust() {
  local name="the oldest Rust that Cargo.toml names, $MIN_RUST"
  if rustc --version | grep -q "^rustc $MIN_RUST "; then
    check "$name: it is the one in use, by which all of this is compiled" true
  elif rustup toolchain list 2>/dev/null | grep -q "^$MIN_RUST-" ||
    timeout 240 rustup toolchain install "$MIN_RUST" --profile minimal >/dev/null 2>&1; then
    check "$name (5 minutes)" env RUSTUP_TOOLCHAIN="$MIN_RUST" CARGO_TARGET_DIR="$CARGO_TARGET_DIR/oldest" \
      cargo build --quiet --locked --features ssr --bins
  else
    leave_out "$name" "rustup cannot fetch it"
  fi
}

binary_size() {
  local size
  size=$(stat -c %s target/release/qr-login) || return 1
  echo "$size of $BINARY_BUDGET"
  [ "$size" -le "$BINARY_BUDGET" ]
}

# Copied alone into an empty folder, the binary serves everything.
stands_alone() {
  local folder pid out line url="" page path head ok=1
  folder=$(mktemp -d)
  cp target/release/qr-login "$folder/"
  exec {out}< <(cd "$folder" && exec env -i QR_LOGIN_ADDR=127.0.0.1:0 ./qr-login serve 2>/dev/null)
  pid=$!
  while read -ru "$out" line; do
    case $line in "PC "*) url=${line##* } && break ;; esac
  done
  if page=$(curl -fsS "$url/"); then
    ok=0
    for path in $(grep -oE '/static/[0-9a-f]+/pkg/qr-login\.(css|js|wasm)' <<<"$page" | sort -u) /icon.svg /icon-192.png /manifest.webmanifest; do
      head=$(curl -fsS -D - -o /dev/null -H 'Accept-Encoding: br' "$url$path") || ok=1
      case $path in /static/*) grep -qi '^content-encoding: br' <<<"$head" || {
        echo "not compressed: $path"
        ok=1
      } ;; esac
    done
    grep -q 'qr-login\.wasm' <<<"$page" || ok=1
  fi
  kill "$pid"
  rm -rf "$folder"
  return $ok
}

# `playwright [FILE…]`: these browser tests, or all.
playwright() {
  # The release has no way to move its clock.
  check "the server for tests that move its clock (seconds after the other tests, else 4 minutes)" \
    cargo build --quiet --locked --features ssr --example manual_clock
  if ! [ -x /usr/bin/firefox-esr ] && ! [ -x /usr/bin/firefox ]; then
    leave_out "a login, the language, forms and the scanner in Firefox" "Firefox could not be installed"
  fi
  say "browser tests (7 minutes)"
  (cd end2end && QR_LOGIN_BIN=$ROOT/target/release/qr-login \
    QR_LOGIN_MANUAL_CLOCK_BIN=$CARGO_TARGET_DIR/debug/examples/manual_clock npx playwright test "$@")
  local status=$? good bad flaky
  read -r good bad flaky < <(node -e '
    try {
      const { stats } = require("./end2end/test-results/report.json");
      console.log(stats.expected, stats.unexpected, stats.flaky);
    } catch { console.log(0, 1, 0); }')
  browser_attacks
  if [ "$flaky" != 0 ]; then
    echo "FAILED: $flaky flaky: passed only when tried again"
    bad=$((bad + flaky))
  fi
  passed=$((passed + good))
  failed=$((failed + bad))
  if [ "$status" != 0 ] && [ "$bad" = 0 ] || [ "$good" = 0 ]; then failed=$((failed + 1)); fi
}

# Alone, because whatever else runs makes pages slower.
page_speed() {
  if scripts/lighthouse.sh install; then
    check "speed and accessibility of the pages, by Lighthouse (1 minute)" scripts/lighthouse.sh
    cat "$logs/check"
  else
    leave_out "speed and accessibility of the pages" "Lighthouse could not be installed"
  fi
}

# Clients of others, which count their own tests. Those that could not be installed are listed.
clients_of_others() {
  say "clients of others (3 minutes)"
  scripts/interop.sh | tee "$logs/interop"
  local status=${PIPESTATUS[0]} line good=0 bad=1
  while read -r line; do unchecked+=("${line#NOT CHECKED: }"); done < <(grep '^NOT CHECKED: ' "$logs/interop")
  read -r good _ bad _ < <(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$logs/interop" | tail -n 1)
  passed=$((passed + ${good:-0}))
  failed=$((failed + ${bad:-1}))
  if [ "$status" != 0 ] && [ "${bad:-1}" = 0 ]; then failed=$((failed + 1)); fi
}

# Lists the attacks among the browser tests by name.
browser_attacks() {
  # shellcheck disable=SC2016
  node -e '
    const { suites } = require("./end2end/test-results/report.json");
    const specs = (suite) => [...suite.specs, ...(suite.suites ?? []).flatMap(specs)];
    const attacks = suites.filter(({ file }) => file.startsWith("attacks/")).flatMap(specs);
    if (attacks.length) console.log("the attacks in browsers:");
    for (const { file, title, ok } of attacks) console.log(`  ${file}: ${title} ... ${ok ? "ok" : "FAILED"}`);' 2>/dev/null
}

finish() {
  local what
  echo
  for what in "${unchecked[@]}"; do echo "NOT CHECKED: $what"; done
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ] && [ "$passed" != 0 ]
}

needs=()
case " $wanted " in *" lint "*) needs+=(lint) ;; esac
case " $wanted " in *" rust "*) needs+=(engines) ;; esac
case " $wanted " in *" e2e "* | *" screens "* | *" interop "*) needs+=(browsers) ;; esac
scripts/setup.sh "${needs[@]}" || {
  echo "0 passed, 1 failed"
  exit 1
}
# What setup has just installed.
source scripts/env.sh

for suite in $wanted; do
  case $suite in
    lint)
      check "format" cargo fmt --all --check
      check "lints of the browser's half (1 minute)" \
        cargo clippy --quiet --locked -p qr-login -p frontend -p domain -p scanner --lib --target wasm32-unknown-unknown --features qr-login/hydrate -- -D warnings
      check "lints of the server's half and of the tests (3 minutes)" \
        cargo clippy --quiet --locked --workspace --all-targets --features qr-login/ssr -- -D warnings
      oldest_rust
      check "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --quiet --locked --no-deps --workspace --features qr-login/ssr
      dependencies
      declared cargo-shear "dependencies that nothing uses" cargo shear --locked --deny-warnings
      for folder in end2end benches/baseline scripts/tools scripts/tools/lighthouse tests/samples/node; do npm_audit "$folder"; done
      check "types of the browser tests" end2end/node_modules/.bin/tsc --noEmit --project end2end
      declared shellcheck "shell scripts" shellcheck --external-sources scripts/*.sh .ci/run
      declared shfmt "format of the shell scripts" shfmt --indent 2 --case-indent --diff scripts .ci/run
      declared typos "spelling" typos
      declared zizmor "workflows" zizmor --offline --no-progress --quiet .github
      ;;
    rust)
      cargo_tests "unit, property, contract, HTTP, attack, sample and several-node tests (8 minutes)" --workspace --features qr-login/ssr
      ;;
    size | e2e | screens | interop)
      if [ -z "${built:-}" ]; then
        check "release build (7 minutes the first time)" scripts/build.sh
        built=1
      fi
      ;;&
    size)
      check "weight of the pages" scripts/page-weight.sh "$PAGE_BUDGET" "$WASM_BUDGET" "$SCAN_BUDGET" "$SCAN_PAGE_BUDGET"
      cat "$logs/check"
      check "binary size" binary_size
      check "the binary alone in an empty folder" stands_alone
      ;;
    e2e)
      page_speed
      playwright
      ;;
    screens)
      playwright tests/journey/scenes.spec.ts
      ;;
    interop)
      clients_of_others
      ;;
  esac
done
finish
