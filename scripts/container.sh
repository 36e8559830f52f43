#!/usr/bin/env bash
# Builds the container image from the release build, runs it on loopback, requests its health and its sign-in page, and
# stops it.
# QR_LOGIN_BIN selects another binary than the release build. Leaves the image `qr-login`.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"

binary=${QR_LOGIN_BIN:-$ROOT/target/release/qr-login}
[ -x "$binary" ] || die "there is no $binary: run make build first"

# The base needs a C library at least as new as the one that the binary was linked to.
needs=$(grep -ao 'GLIBC_2\.[0-9]*' "$binary" | sort -uV | tail -n 1 || true)
case "${needs#GLIBC_2.}" in
  # A static binary runs on any base.
  '') suite=trixie ;;
  [0-9] | [12][0-9] | 3[0-6]) suite=bookworm ;;
  3[7-9] | 4[01]) suite=trixie ;;
  *) die "$binary needs $needs: newer than Debian 13 has" ;;
esac

work=$(mktemp -d)
name=qr-login-check-$$
engine=() run_options=() build_options=() address=
cleanup() {
  if [ ${#engine[@]} -gt 0 ]; then
    "${engine[@]}" rm --force --volumes "$name" >/dev/null 2>&1 || true
    "${engine[@]}" volume rm --force "$name" >/dev/null 2>&1 || true
  fi
  # debootstrap leaves files owned by root.
  rm -rf "$work" 2>/dev/null || as_root rm -rf "$work"
}
trap cleanup EXIT

if have docker && timeout 20 docker info >/dev/null 2>&1; then
  engine=(docker)
else
  if ! have podman; then
    say "no Docker engine answers: installing podman (1 minute, once)"
    apt_install podman runc || die "neither a Docker engine nor podman is here, and podman could not be installed"
  fi
  engine=(podman)
  # By default podman writes an image format that has no health check.
  build_options=(--format docker)
fi
say "engine: ${engine[*]}"

base=debian:$suite-slim
if ! "${engine[@]}" image inspect "$base" >/dev/null 2>&1 && ! timeout 300 "${engine[@]}" pull --quiet "$base" >/dev/null 2>&1; then
  base=qr-login-base:$suite
  if ! "${engine[@]}" image inspect "$base" >/dev/null 2>&1; then
    say "no image registry is reachable: making the base from Debian's packages (1 to 2 minutes, once)"
    have debootstrap || apt_install debootstrap || die "debootstrap is missing: install it, or load the image debian:$suite-slim"
    as_root debootstrap --variant=minbase "$suite" "$work/root" >"$work/debootstrap.log" 2>&1 || {
      tail -n 5 "$work/debootstrap.log" >&2
      die "debootstrap failed"
    }
    as_root tar -C "$work/root" --exclude='./var/cache/apt/archives/*.deb' --exclude='./var/lib/apt/lists/*' -c . |
      "${engine[@]}" import - "$base" >/dev/null
  fi
fi

# If this machine is itself a container, podman may be able neither to raise limits nor to set up a network.
if [ "${engine[0]}" = podman ] && ! podman run --rm "$base" true >/dev/null 2>&1; then
  say "podman has few rights here: using the host's network and runc"
  have runc || apt_install runc || die "runc is missing"
  engine=(podman --runtime runc --cgroup-manager cgroupfs)
  address=127.0.0.1:$(free_port)
  run_options=(--network host --ulimit nofile=20000:20000 --ulimit nproc=10000:10000 --env "QR_LOGIN_ADDR=$address")
  build_options+=(--network host --ulimit nofile=20000:20000 --ulimit nproc=10000:10000)
else
  run_options=(--publish 127.0.0.1::3000)
fi

# podman without systemd warns that it cannot schedule health checks; its output matters only if it fails.
quietly() { "$@" >"$work/log" 2>&1 || {
  cat "$work/log" >&2
  die "failed: ${*:1:3}"
}; }

say "building the image"
mkdir -p "$work/context"
cp "$ROOT/Dockerfile" "$work/context/"
install -m 0755 "$binary" "$work/context/qr-login"
[ "${engine[0]}" = podman ] && build_options+=(--pull=never)
quietly "${engine[@]}" build "${build_options[@]}" --build-arg BINARY=prebuilt --build-arg "BASE=$base" --tag qr-login "$work/context"

say "running it"
options=("${run_options[@]}" --volume "$name:/data" --read-only --cap-drop ALL)
echo 'a long password' | quietly "${engine[@]}" run --rm --interactive --no-healthcheck "${options[@]}" qr-login user add somebody
quietly "${engine[@]}" run --detach --name "$name" "${options[@]}" qr-login

address=${address:-$("${engine[@]}" port "$name" 3000 | head -n 1)}
for _ in $(seq 100); do
  curl -sf "http://$address/healthz" >/dev/null && break
  sleep 0.1
done

check() {
  local what=$1
  shift
  "$@" || {
    "${engine[@]}" logs "$name" >&2 || true
    die "container: $what failed"
  }
  printf '  ok  %s\n' "$what"
}
healthy() { [ "$(curl -sf "http://$address/healthz")" = ok ]; }
ready() { curl -sf "http://$address/readyz" | grep -q '"status":"ok"'; }
has_page() { curl -sf "http://$address/" | grep -q '<svg'; }
has_style() { curl -sf "http://$address$(curl -sf "http://$address/" | grep -o '/static/[^"]*\.css' | head -n 1)" | grep -q .; }
signs_in() { curl -sf "http://$address/api/login" -d username=somebody -d 'password=a long password' | grep -q '"token"'; }
is_not_root() { [ "$("${engine[@]}" exec "$name" id -u)" = 10001 ]; }
key_is_private() { [ "$("${engine[@]}" exec "$name" stat -c %a /data/qr-login.signing-key.pem)" = 600 ]; }
# Docker runs the image's health check automatically and podman on demand.
is_healthy() {
  if [ "${engine[0]}" = podman ]; then
    "${engine[@]}" healthcheck run "$name" >/dev/null
    return
  fi
  for _ in $(seq 45); do
    case $("${engine[@]}" inspect --format '{{.State.Health.Status}}' "$name") in healthy) return ;; unhealthy) return 1 ;; esac
    sleep 1
  done
  return 1
}
stops() { "${engine[@]}" stop --time 10 "$name" >/dev/null 2>&1 && [ "$("${engine[@]}" inspect --format '{{.State.ExitCode}}' "$name")" = 0 ]; }

check "/healthz at $address" healthy
check "/readyz" ready
check "the sign-in page with its code" has_page
check "the style sheet, from inside the binary" has_style
check "an account added by the command line signs in" signs_in
check "not root" is_not_root
check "the signing key is private" key_is_private
check "the image's own health check" is_healthy
check "stops in order" stops
say "the image is qr-login, $("${engine[@]}" image inspect --format '{{.Size}}' qr-login | awk '{ printf "%.0f MB", $1 / 1e6 }')"
