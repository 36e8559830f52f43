#!/usr/bin/env bash
# Takes the pictures of the product anew: those in the READMEs and the documentation, the manifest's, and the film. Needs the
# release build, or QR_LOGIN_BIN; on Debian it installs webp and pngquant.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
cd "$ROOT"
scripts/setup.sh browsers
if ! have cwebp || ! have img2webp || ! have pngquant; then
  apt_install webp pngquant || die "cwebp and img2webp (package webp) and pngquant are missing"
fi

shots=end2end/test-results/pictures
rm -rf "$shots"
mkdir -p "$shots"
(cd end2end && npx playwright test --config pictures.config.ts "$@")

# `palette FROM TO`: a PNG of at most 128 colours.
palette() { [ ! -f "$shots/$1.png" ] || pngquant --force --strip --speed 1 --output "$2" 128 "$shots/$1.png"; }
photo() { [ ! -f "$shots/$1.png" ] || cwebp -quiet -q 78 -m 6 -sharp_yuv "$shots/$1.png" -o "$2"; }

for name in pc pc.zh-CN phone phone.zh-CN branding; do palette "$name" "docs/images/$name.png"; done
palette icon-scan public/icon-scan.png
photo scan public/screenshot-scan.en.webp
photo scan.zh-CN public/screenshot-scan.zh-CN.webp
photo phone public/screenshot-confirm.en.webp
photo phone.zh-CN public/screenshot-confirm.zh-CN.webp

if [ -f "$shots/film/frames" ]; then
  mapfile -t frames < <(tr ' ' '\n' <"$shots/film/frames")
  img2webp -loop 0 -lossy -q 60 -m 6 "${frames[@]}" -o docs/images/login.webp >/dev/null
fi
