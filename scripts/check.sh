#!/usr/bin/env bash
# What must hold before a change is looked at: format, lints, documentation, dependencies, scripts, generated files.
# The quick ones come first.
source "$(dirname "$0")/lib.sh"

format() { cargo fmt --all --check; }

scripts_are_sound() {
    shellcheck --external-sources --source-path=SCRIPTDIR scripts/*.sh .ci/run assets/build bench/run tests/browser/run
    local file
    for file in tests/browser/*.mjs tests/browser/journeys/*.mjs; do
        node --check "$file"
    done
}

dependencies() { cargo deny --locked check licenses bans sources; }

lints() { cargo clippy --workspace --all-targets --locked -- -D warnings; }

documentation() { RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps --locked --quiet; }

# Everything that git can see of the work tree, as it is now.
work_tree() {
    git diff HEAD
    git ls-files --others --exclude-standard -z | xargs -0 -r sha256sum
}

generated_files_are_clean() {
    local before after
    before=$(work_tree)
    scripts/generate.sh
    after=$(work_tree)
    if [[ $before != "$after" ]]; then
        diff <(printf '%s\n' "$before") <(printf '%s\n' "$after") >&2 || true
        fail "generated files were out of date: they are made again now; look at them and commit them"
    fi
}

scripts/install.sh rust deny node shellcheck
scripts/assets.sh # the pages' files are compiled in
timed "format" format
timed "scripts" scripts_are_sound
timed "licences, bans and sources of dependencies" dependencies
timed "lints" lints
timed "documentation" documentation
timed "generated files" generated_files_are_clean
