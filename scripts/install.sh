#!/usr/bin/env bash
# install.sh NAME…: installs what is missing of the things named, and says what it installs.
#
#   - rust: the pinned toolchain, with rustfmt and clippy, and a C compiler for the crates that build C
#   - nextest: the test runner
#   - deny: the check of dependencies' licences, bans and sources
#   - node: Node.js and npm, for the front-end packages and the browser tests
#   - python: Python 3 with pip, for the front-end templates
#   - postgresql: the database server that tests start for themselves
#   - chromium: the browser that tests drive, and a font for it
#   - shellcheck: the check of these scripts
#   - poppler: turns a PDF into pictures and text, for looking at what was printed
#
# Debian's packages need root: run it as root, or with sudo installed.
source "$(dirname "$0")/lib.sh"

nextest_version=0.9.143
deny_version=0.20.2

as_root() {
    if ((EUID == 0)); then
        "$@"
    elif have sudo; then
        sudo "$@"
    else
        fail "root is needed for: $* — run it as root, or install sudo"
    fi
}

lists_are_fresh=
debian() {
    have apt-get || fail "this is not Debian: install these by hand, then run it again: $*"
    say "installing Debian's $*"
    if [[ -z $lists_are_fresh ]]; then
        as_root apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -qq update
        lists_are_fresh=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 -o Dpkg::Progress-Fancy=0 -qq -y --no-install-recommends install "$@" >&2
}

# A tool from crates.io, built without optimisation (it is run for seconds) and kept beside what cargo builds.
cargo_tool() {
    local name=$1 version=$2 started=$SECONDS
    say "building $name $version, once; it is kept in $tools"
    CARGO_PROFILE_DEV_DEBUG=false cargo install "$name" --version "=$version" --locked --debug --quiet \
        --root "$tools" --target-dir "$tools/build"
    rm -rf "$tools/build"
    say "built $name in $((SECONDS - started)) s"
}

install_rust() {
    have cc || debian build-essential
    have cargo || fail "Rust is missing: install rustup (Debian 13's package, or as its site says), then run this again"
    # With rustup this fetches the pinned toolchain where it is missing; without it, whatever cargo is here must do.
    cargo --version >/dev/null || fail "the toolchain that rust-toolchain.toml names could not be installed"
}

install_nextest() {
    cargo nextest --version >/dev/null 2>&1 || cargo_tool cargo-nextest "$nextest_version"
}

install_deny() {
    [[ $(cargo-deny --version 2>/dev/null) == "cargo-deny $deny_version" ]] || cargo_tool cargo-deny "$deny_version"
}

install_node() {
    have node || debian nodejs
    have npm || debian npm
    node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' ||
        fail "Node.js is $(node --version); 20 or newer is needed"
}

install_python() {
    have python3 || debian python3
    python3 -m pip --version >/dev/null 2>&1 || debian python3-pip
}

install_postgresql() {
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || debian postgresql
}

install_chromium() {
    have "${CLEARPICTURE_CHROMIUM:-chromium}" || debian chromium fonts-liberation
}

install_shellcheck() {
    have shellcheck || debian shellcheck
}

install_poppler() {
    have pdftoppm || debian poppler-utils
}

(($#)) || fail "usage: scripts/install.sh NAME…; the names are listed at the head of the script"
for name; do
    declare -F "install_$name" >/dev/null || fail "install.sh knows no \`$name\`"
    "install_$name"
done
