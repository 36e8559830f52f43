# The locations and versions of the build tools. Sourced by every script; changes nothing on disk.
# shellcheck shell=bash disable=SC2034

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# Tools are installed outside the clone so that a second clone, or CI, can reuse them.
TOOLS=${QR_LOGIN_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/qr-login-tools}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$ROOT/target}
export PATH="$TOOLS/bin:$TOOLS/npm/node_modules/.bin:$HOME/.cargo/bin:$PATH"
export CARGO_TERM_PROGRESS_WHEN=never
# Where setup installs the packages that the README's JavaScript imports.
export QR_LOGIN_TEST_NODE_MODULES=$TOOLS/samples/node_modules

# Created by setup if the distribution's toolchain is the one that can build for WASM.
if [ -f "$TOOLS/toolchain" ]; then
  RUSTUP_TOOLCHAIN=$(cat "$TOOLS/toolchain")
  export RUSTUP_TOOLCHAIN
fi

# The browser of the tests, unless the caller names another: Debian's without windows, which needs half the time, or its
# whole one. Empty: Playwright's own.
case ${CHROMIUM:-} in '' | /usr/bin/chromium*)
  for CHROMIUM in /usr/bin/chromium-headless-shell /usr/bin/chromium ''; do
    [ ! -x "$CHROMIUM" ] || break
  done
  ;;
esac
export CHROMIUM

# The minimum Rust version: installed if the machine's is older.
MIN_RUST=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")

# The pinned version of each tool; scripts/tools has their hashes. wasm-bindgen must equal the crate in Cargo.toml.
CARGO_LEPTOS_VERSION=0.3.11
WASM_BINDGEN_VERSION=0.2.130

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}
have() { command -v "$1" >/dev/null 2>&1; }

# Runs a program that compiles. In a terminal cargo draws a progress bar; otherwise prints a line from time to time.
with_progress() {
  if [ -t 2 ]; then
    CARGO_TERM_PROGRESS_WHEN=auto "$@"
    return
  fi
  local line count=0 start=$SECONDS next=$((SECONDS + 30))
  { "$@" 2>&1 >&3 | while IFS= read -r line; do
    case $line in
      *' Compiling '*) count=$((count + 1)) ;;
      *' Downloading '* | *' Downloaded '* | *' Finished '* | *' Locking '* | *' Updating '* | *' Blocking '*) ;;
      *) printf '%s\n' "$line" >&2 ;;
    esac
    if [ "$SECONDS" -ge "$next" ]; then
      printf '    %d:%02d, %d crates so far\n' $(((SECONDS - start) / 60)) $(((SECONDS - start) % 60)) "$count" >&2
      next=$((SECONDS + 30))
    fi
  done; } 3>&1
}
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; elif have sudo; then sudo "$@"; else return 1; fi; }

# Installs Debian packages; fails on other systems.
apt_install() {
  have apt-get || return 1
  if [ -z "${APT_UPDATED:-}" ]; then
    as_root apt-get update -qq >/dev/null 2>&1 || true
    APT_UPDATED=1
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# The same for packages with a service, which is neither started now nor enabled for the next boot.
apt_install_idle() (
  policy=/usr/sbin/policy-rc.d
  if ! [ -e "$policy" ]; then
    trap 'as_root rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy" || exit 1
  fi
  apt_install "$@" || exit 1
  if [ -d /run/systemd/system ]; then as_root systemctl disable --quiet "$@" 2>/dev/null || true; fi
)

# Below the ephemeral ports, so that a restarted server finds its port free again.
free_port() {
  local port
  for port in $(shuf -i 20000-29999 -n 50); do
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  die "no free port between 20000 and 29999"
}
