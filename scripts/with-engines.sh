#!/usr/bin/env bash
# Runs a command with a temporary Redis and PostgreSQL and stops them when it ends:
#   scripts/with-engines.sh cargo test --features ssr --test nodes
# QR_LOGIN_TEST_REDIS_URL and QR_LOGIN_TEST_POSTGRES_URL are set to their URLs. For tests that do not stop an engine.
set -uo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

# In memory if there is room: Redis may wait seconds for a busy disk, and a machine that compiles has one.
room=$(df --output=avail --block-size=1M /dev/shm 2>/dev/null | tail -n 1)
if [ -z "${TMPDIR:-}" ] && [ "${room:-0}" -gt 2000 ] && [ -w /dev/shm ]; then TMPDIR=/dev/shm; fi
work=$(mktemp -d -p "${TMPDIR:-/tmp}")
export TMPDIR=$work/tests
mkdir "$TMPDIR"
# PostgreSQL does not run as root and needs access.
chmod 755 "$work" "$TMPDIR"
engines=()
stop_engines() {
  # For PostgreSQL, SIGINT means a fast shutdown that does not wait for clients.
  [ ${#engines[@]} = 0 ] || kill -INT "${engines[@]}" 2>/dev/null
  wait
  rm -rf "$work"
}
trap stop_engines EXIT

# `start NAME PORT COMMAND…`: returns once the engine responds.
start() {
  local name=$1 port=$2 pid
  shift 2
  "$ROOT/scripts/engine.sh" "$name" "$work/$name" "$port" >"$work/$name.log" 2>&1 &
  pid=$!
  engines+=("$pid")
  for _ in $(seq 600); do
    "$@" >/dev/null 2>&1 && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  tail -n 20 "$work/$name.log" >&2
  die "$name does not answer: is its package installed? scripts/setup.sh engines does that"
}

redis=$(free_port) || exit 1
start redis "$redis" redis-cli -p "$redis" ping
postgres=$(free_port) || exit 1
start postgres "$postgres" psql -X "postgres://qr_login@127.0.0.1:$postgres/qr_login" -c ""
export QR_LOGIN_TEST_REDIS_URL=redis://127.0.0.1:$redis
export QR_LOGIN_TEST_POSTGRES_URL=postgres://qr_login@127.0.0.1:$postgres/qr_login

# A thousand waiting PCs and their server need some thousand sockets.
ulimit -Sn 65536 2>/dev/null || ulimit -Sn "$(ulimit -Hn)"
"$@"
