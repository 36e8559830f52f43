#!/usr/bin/env bash
# Runs programs of others against the server, clients of OpenID Connect and a tester of APIs: all, or those named, such as
# `authlib schemathesis`.
# Installs them first, pinned by hashes, or Debian's. Prints how long each takes, and ends with a line `N passed, N failed`.
#   QR_LOGIN_BIN=FILE scripts/interop.sh [PEER…]   against that program instead of target/release/qr-login
set -uo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT" || exit 1
binary=${QR_LOGIN_BIN:-$ROOT/target/release/qr-login}
[ -x "$binary" ] || die "$binary is missing: make build"
installed=$TOOLS/interop
mkdir -p "$installed"

node_packages() {
  local from=tests/interop
  if ! cmp -s "$from/package-lock.json" "$installed/package-lock.json"; then
    say "installing the clients from npm (15 seconds)"
    cp "$from/package.json" "$from/package-lock.json" "$installed/"
    if ! npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$installed" >/dev/null; then
      rm -f "$installed/package-lock.json"
      return 1
    fi
  fi
  # Where Node.js looks for them.
  ln -sfn "$installed/node_modules" "$from/node_modules"
  ln -sfn "$installed/node_modules" examples/node_modules
}

# Authlib, JupyterHub and Schemathesis, in an environment of their own.
python_packages() {
  local from=tests/interop/requirements.txt to=$installed/python
  cmp -s "$from" "$to/requirements.txt" && return
  say "installing the clients from PyPI (40 seconds)"
  rm -rf "$to"
  python3 -m venv "$to" >/dev/null 2>&1 &&
    "$to/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps --only-binary=:all: \
      --requirement "$from" >/dev/null 2>&1 &&
    cp "$from" "$to/requirements.txt"
}

debian_packages() {
  [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] && have git-credential-oauth && return
  say "installing Apache's mod_auth_openidc and git-credential-oauth (30 seconds)"
  apt_install_idle apache2 libapache2-mod-auth-openidc git-credential-oauth
}

# The peers that are run, and those that cannot be installed.
peers=() unchecked=()
for file in tests/interop/*.test.mjs; do
  name=$(basename "$file" .test.mjs)
  [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
  peers+=("$name")
done
[ "${#peers[@]}" != 0 ] || die "there is no peer named $*"
# `without NAME WHY`: leaves a peer out.
without() {
  local name rest=()
  for name in "${peers[@]}"; do
    if [ "$name" = "$1" ]; then unchecked+=("$1: $2"); else rest+=("$name"); fi
  done
  peers=("${rest[@]}")
}

say "clients of OpenID Connect, and requests of every kind (3 minutes)"
if ! node_packages; then
  echo "NOT CHECKED: clients of others: npm could not install the packages of tests/interop"
  echo "0 passed, 0 failed"
  exit
fi
if ! python_packages; then
  for name in authlib jupyterhub schemathesis; do
    without "$name" "PyPI's packages, or python3-venv, could not be installed"
  done
fi
if ! debian_packages; then
  [ -e /usr/lib/apache2/modules/mod_auth_openidc.so ] || without mod-auth-openidc "Debian's libapache2-mod-auth-openidc could not be installed"
  have git-credential-oauth || without git-credential-oauth "Debian's package could not be installed"
fi
if ! [ -d end2end/node_modules/@playwright/test ]; then
  scripts/setup.sh browsers || without oidc-client-ts "there is no Chromium"
fi
for what in "${unchecked[@]}"; do echo "NOT CHECKED: $what"; done
if [ "${#peers[@]}" = 0 ]; then
  echo "0 passed, 0 failed"
  exit
fi
INTEROP_PYTHON=$installed/python/bin/python exec node tests/interop/run.mjs "$binary" "${peers[@]}"
