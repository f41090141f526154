#!/usr/bin/env bash
# Every test: Rust's on SQLite and PostgreSQL, the documentation's examples, the journeys in a browser.
# One kind failing does not keep the next from running; the runners' own counts come last.
source "$(dirname "$0")/lib.sh"

scripts/install.sh rust nextest node postgresql chromium
scripts/assets.sh

logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
failed=()

# kind NAME COMMAND…: runs one kind of test, keeping what it prints.
kind() {
    local name=$1 started=$SECONDS
    shift
    say "── $name"
    "$@" 2>&1 | tee "$logs/$name" || failed+=("$name")
    say "── $name: $((SECONDS - started)) s"
}

rust_tests() {
    # insta notes each snapshot that a test looks at, so that those nobody looks at any more are found.
    INSTA_SNAPSHOT_REFERENCES_FILE=$logs/snapshots scripts/with-postgres.sh \
        cargo nextest run --workspace --locked ${CI:+--profile ci}
}

no_stale_snapshots() {
    local stale
    stale=$(comm -23 \
        <(git ls-files --cached --others --exclude-standard '*.snap' | sed "s|^|$root/|" | sort -u) \
        <(sort -u "$logs/snapshots" 2>/dev/null))
    [[ -z $stale ]] || fail "no test looks at these snapshots any more; delete them:"$'\n'"$stale"
}

journeys() {
    CLEARPICTURE_BINARY=$target/debug/clearpicture tests/browser/run
}

timed "build" cargo build --workspace --locked
kind "tests" rust_tests
kind "snapshots" no_stale_snapshots
kind "examples in the documentation" cargo test --doc --workspace --locked --quiet
kind "journeys in a browser" journeys

# Each runner's own closing lines, and their sum. One that printed none has not finished: then there is no sum.
unfinished=()
closing_lines() {
    grep -E "$2" "$logs/$1" || unfinished+=("$1")
}
# count WORD: adds up the numbers that stand before or after a word on standard input.
count() {
    { grep -oE "\b[0-9]+ ($1)\b|^(ℹ|#) ($1) [0-9]+$" || true; } | grep -oE '[0-9]+' | awk '{ sum += $1 } END { print sum + 0 }'
}

{
    closing_lines "tests" '^ *Summary \['
    closing_lines "examples in the documentation" '^test result: '
    closing_lines "journeys in a browser" '^(ℹ|#) (tests|pass|fail|cancelled) [0-9]+$'
} >"$logs/closing lines"
lines=$(cat "$logs/closing lines")
printf '\n%s\n' "$lines"
if ((${#unfinished[@]})); then
    printf 'did not finish: %s\n' "${unfinished[@]}" >&2
else
    echo "$(count 'passed|pass' <<<"$lines") passed, $(count 'failed|timed out|exec failed|fail|cancelled' <<<"$lines") failed"
fi
if ((${#failed[@]})); then
    printf 'failed: %s\n' "${failed[@]}" >&2
    exit 1
fi
