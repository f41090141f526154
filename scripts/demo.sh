#!/usr/bin/env bash
# Builds Clear Picture, invents children as six agencies' files, takes the files in, links them and serves the picture.
# Ctrl-C stops it; what was made is there the next time.
#
#   DATA       where the example is kept              ./data
#   LISTEN     where it is served                     127.0.0.1:8080
#   CHILDREN   how many children are invented         5000
#   WITH       a folder of files to take in instead
#   SIZE       empty, small or full: the program invents two agencies' files itself, and nothing is taken from a folder
source "$(dirname "$0")/lib.sh"

scripts/install.sh rust node python
scripts/assets.sh

started=$SECONDS
cargo build --release --workspace --locked
built=$((SECONDS - started))

program=$target/release/clearpicture
data=${DATA:-./data}
arguments=(--data "$data" --listen "${LISTEN:-127.0.0.1:8080}" --size "${SIZE:-small}")

started=$SECONDS
if [[ -n ${WITH:-} ]]; then
    arguments+=(--with "$WITH")
elif [[ -z ${SIZE:-} ]]; then
    files=$data/files-${CHILDREN:-5000}
    if [[ ! -d $files ]]; then
        (umask 077 && mkdir -p "$data")
        # Renamed once it is whole, so that one that was cut short is not taken for it.
        rm -rf "$files.part"
        "$program" synth --children "${CHILDREN:-5000}" --seed 1 --out "$files.part"
        mv "$files.part" "$files"
    fi
    arguments+=(--with "$files")
fi

# The reader of its output outlives Ctrl-C, so that the server can say how it stopped.
"$program" demo "${arguments[@]}" | (
    trap '' INT
    while IFS= read -r line; do
        if [[ $line == ready:* ]]; then
            say "built in $built s; invented, taken in, linked and served in $((SECONDS - started)) s"
        fi
        printf '%s\n' "$line"
    done
)
