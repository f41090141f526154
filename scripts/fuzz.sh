#!/usr/bin/env bash
# Harms files on their way to every reader, for minutes: `make test` does the same for seconds.
#
#   make fuzz            20,000 files
#   make fuzz CASES=N    N files
source "$(dirname "$0")/lib.sh"

PROPTEST_CASES=${CASES:-20000} cargo nextest run --workspace --locked --no-capture -E 'test(every_reader_ends)'
