#!/usr/bin/env bash
# Makes the pictures of the README in docs/pictures/, from what `make demo` shows: needs a build and a browser.
source "$(dirname "$0")/lib.sh"

scripts/install.sh node chromium

binary=${CLEARPICTURE_BINARY:-$({ find "$target/debug/clearpicture" "$target/release/clearpicture" -printf '%T@ %p\n' 2>/dev/null || true; } | sort -n | tail -n 1 | cut -d' ' -f2-)}
[[ -n $binary ]] || fail "there is no program to show: run \`cargo build --workspace\` first"

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
"$binary" synth --children 5000 --seed 1 --out "$files/agencies"
CLEARPICTURE_BINARY=$binary CLEARPICTURE_WITH=$files/agencies tests/browser/run pictures docs/pictures
[[ -z $(find docs/pictures -size +149k -type f) ]] || fail "a picture is larger than 150 kB"
