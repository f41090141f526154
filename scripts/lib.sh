# What every script here begins with: `source "$(dirname "$0")/lib.sh"`.
# shellcheck shell=bash
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"

# Where cargo builds, and where our own copies of its tools are kept with it.
target=${CARGO_TARGET_DIR:-$root/target}
tools=$target/tools
export PATH="$tools/bin:$PATH"

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "$*"
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# timed NAME COMMAND…: runs the command and says how long it took.
timed() {
    local name=$1 started=$SECONDS
    shift
    say "── $name"
    "$@"
    say "── $name: $((SECONDS - started)) s"
}

# The toolchain that rust-toolchain.toml names may be installed under another name ("stable"): use it by that name
# rather than fetch a second copy of the same compiler.
if have rustup && [[ -z ${RUSTUP_TOOLCHAIN:-} ]]; then
    pinned=$(sed -n 's/^channel = "\(.*\)"$/\1/p' rust-toolchain.toml)
    if ! rustup toolchain list | grep -q "^$pinned-" && rustup run stable rustc --version 2>/dev/null | grep -q "^rustc $pinned "; then
        export RUSTUP_TOOLCHAIN=stable
    fi
fi
