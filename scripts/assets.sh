#!/usr/bin/env bash
# Fetches the front-end packages by hash and makes what the binary embeds. Quick when nothing has changed.
source "$(dirname "$0")/lib.sh"

scripts/install.sh node python
assets/build
