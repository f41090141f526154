#!/usr/bin/env bash
# Measures what the budgets in the README are about, and prints ratios from one run. Nothing in it fails on a time.
source "$(dirname "$0")/lib.sh"

scripts/install.sh rust node python postgresql
scripts/assets.sh
timed "build" cargo build --release --workspace --locked
scripts/with-postgres.sh bench/run "$@"
