#!/usr/bin/env bash
# Known faults in what we depend on, where the databases of them can be fetched.
# Exit 0 checked and clean; 1 something was found; 3 something could not be checked, which is said plainly.
source "$(dirname "$0")/lib.sh"

scripts/install.sh rust deny node

found=() unchecked=()

if ! cargo deny --locked fetch db; then
    unchecked+=("Rust crates: the advisory database could not be fetched")
elif ! cargo deny --locked check --disable-fetch advisories; then
    found+=("Rust crates")
fi

# npm exits 1 for a finding and for a registry that gives no answer: only a report with counts is an answer.
npm_packages() {
    local report
    report=$(npm audit --prefix "$1" --package-lock-only --json 2>/dev/null) || true
    case $(node -e '
        const counts = JSON.parse(process.argv[1] || "{}").metadata?.vulnerabilities;
        console.log(!counts ? "unchecked" : counts.total ? "found" : "clean");' "$report") in
    found)
        npm audit --prefix "$1" --package-lock-only || true
        found+=("npm packages of $1")
        ;;
    clean) say "npm packages of $1: none known" ;;
    *) unchecked+=("npm packages of $1: the registry gave no advisories") ;;
    esac
}
npm_packages assets
npm_packages tests/browser

for what in "${found[@]}"; do say "FOUND advisories: $what"; done
for what in "${unchecked[@]}"; do say "NOT CHECKED: $what"; done
((${#found[@]} == 0)) || exit 1
((${#unchecked[@]} == 0)) || exit 3
say "advisories: checked, none known"
