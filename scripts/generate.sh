#!/usr/bin/env bash
# Makes every file that is generated and committed. `make check` fails when one of them comes out different.
# A generator is one line here, and writes the same bytes whenever nothing has changed.
source "$(dirname "$0")/lib.sh"
