#!/usr/bin/env bash
# Builds Clear Picture, makes an example partnership and serves it. Ctrl-C stops it.
#
#   DATA     where the example is kept    ./data
#   LISTEN   where it is served           127.0.0.1:8080
#   SIZE     empty, small or full         small: 500 children; full: 20,000
source "$(dirname "$0")/lib.sh"

scripts/install.sh rust node python
scripts/assets.sh

started=$SECONDS
cargo build --release --workspace --locked
built=$((SECONDS - started))

# The reader of its output outlives Ctrl-C, so that the server can say how it stopped.
started=$SECONDS
"$target/release/clearpicture" demo --data "${DATA:-./data}" --listen "${LISTEN:-127.0.0.1:8080}" --size "${SIZE:-small}" | (
    trap '' INT
    while IFS= read -r line; do
        printf '%s\n' "$line"
        if [[ $line == ready:* ]]; then
            say "built in $built s, loaded in $((SECONDS - started)) s"
        fi
    done
)
