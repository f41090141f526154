#!/usr/bin/env bash
# The tests that stop a server in the middle, many times over: ROUNDS rounds each, 50 unless said otherwise.
source "$(dirname "$0")/lib.sh"

scripts/install.sh rust nextest node python postgresql
scripts/assets.sh
CLEARPICTURE_ROUNDS=${ROUNDS:-50} scripts/with-postgres.sh \
    cargo nextest run --workspace --locked --profile torture
