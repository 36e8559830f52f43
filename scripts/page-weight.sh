#!/usr/bin/env bash
# The compressed size (brotli) of what each page with islands loads, and of what the page that scans loads, which no other
# may load. `page-weight.sh PAGE_BUDGET WASM_BUDGET SCAN_BUDGET SCAN_PAGE_BUDGET`, in bytes; fails above them.
# QR_LOGIN_BIN selects another binary than the release build.
set -euo pipefail
# shellcheck source=scripts/env.sh
source "$(dirname "$0")/env.sh"
page_budget=$1 wasm_budget=$2 scan_budget=$3 scan_page_budget=$4
binary=$(realpath "${QR_LOGIN_BIN:-$ROOT/target/release/qr-login}")

folder=$(mktemp -d)
mkdir "$folder/files"
exec {out}< <(cd "$folder" && exec env -i QR_LOGIN_ADDR=127.0.0.1:0 QR_LOGIN_DATABASE_URL=sqlite::memory: \
  "$binary" serve --demo 2>/dev/null)
server=$!
trap 'kill "$server"; rm -rf "$folder"' EXIT
url=
while read -ru "$out" line; do
  case $line in "PC "*) url=${line##* } && break ;; esac
done
[ -n "$url" ] || die "the server did not start"

# `browse WHO ADDRESS …`: requests as the browser of the PC or of the phone, with its cookies.
browse() {
  local who=$1 address=$2
  shift 2
  curl -fsS -b "$folder/$who" -c "$folder/$who" -H 'Sec-Fetch-Dest: document' -H "Origin: $url" "$@" "$url$address"
}

# A phone's browser, because pages have more for phones.
phone_agent='Mozilla/5.0 (Linux; Android 14; Pixel 7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36'
browse pc / >"$folder/sign-in.html"
id=$(grep -oE 'data-ticket="[^"]*' "$folder/sign-in.html" | grep -oE '[0-9a-f-]{36}')
browse phone /api/login -d username=dong -d password=111 -o /dev/null
browse phone /api/qrcode/scan -d "id=$id" -o /dev/null
browse phone "/confirm?id=$id" -A "$phone_agent" >"$folder/confirm.html"
browse phone /account -A "$phone_agent" >"$folder/account.html"
browse phone /scan >"$folder/scan.html"

# `weigh ADDRESS`: the transferred bytes of a file, which is requested once.
weigh() {
  local file=$folder/files/${1##*/}
  [ -f "$file" ] || curl -fsS -H 'Accept-Encoding: br' -D "$file.head" -o "$file" "$url$1"
  grep -qi '^content-encoding: br' "$file.head" || die "$1 is not compressed"
  stat -c %s "$file"
}

status=0
over() {
  echo "over the budget: $1"
  status=1
}
for page in sign-in confirm account; do
  html=$folder/$page.html total=0
  # Otherwise another page was returned.
  grep -q '<leptos-island' "$html" || die "$page has no island"
  files=$(grep -oE '/static/[^"'\'' ]+\.(js|wasm|css)' "$html" | sort -u)
  for kind in js wasm css; do grep -q "\.$kind\$" <<<"$files" || die "$page names no .$kind"; done
  for address in $files; do
    size=$(weigh "$address")
    printf '%8d  %s: %s\n' "$size" "$page" "${address##*/}"
    total=$((total + size))
    case $address in *.wasm) [ "$size" -le "$wasm_budget" ] || over "$size of $wasm_budget for ${address##*/}" ;; esac
  done
  printf '%8d  %s together, of %d\n' "$total" "$page" "$page_budget"
  [ "$total" -le "$page_budget" ] || over "$page"
done
# Anything that the script imported would not be named in the page.
curl -fsS -o "$folder/script.js" "$url$(grep '/qr-login\.js$' <<<"$files")"
if grep -qE '(^|[;}])import[ {*"'\'']' "$folder/script.js"; then
  die "the script imports others, which are not weighed"
fi

# The script of the page that scans, and its worker, which that script loads if the browser cannot scan by itself.
files=$(grep -oE '/static/[^"'\'' ]+/scan/page\.js' "$folder/scan.html") || die "the page that scans has no script"
scan=${files%page.js}
size=$(weigh "$files")
printf '%8d  scan: page.js, of %d\n' "$size" "$scan_page_budget"
[ "$size" -le "$scan_page_budget" ] || over "scan: page.js"
total=0
for name in worker.js worker.wasm; do
  size=$(weigh "$scan$name")
  printf '%8d  scan: %s\n' "$size" "$name"
  total=$((total + size))
done
printf '%8d  scan: worker together, of %d\n' "$total" "$scan_budget"
[ "$total" -le "$scan_budget" ] || over "scan: worker"
for page in sign-in confirm account; do
  ! grep -q '/static/[^"]*/scan/' "$folder/$page.html" || die "$page loads a file of the page that scans"
done
exit $status
