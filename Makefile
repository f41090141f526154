# Thin: each command is a script of the same name in scripts/, which says more.
# Cargo builds in ./target, or where CARGO_TARGET_DIR says.
.NOTPARALLEL:
.PHONY: help demo test check audit bench bench-linkage torture fuzz assets
.DEFAULT_GOAL := help

help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

demo: ## build, take in 5,000 invented children, serve them on http://127.0.0.1:8080 (DATA=, LISTEN=, CHILDREN=, WITH=)
	@scripts/demo.sh

test: ## run every test: on SQLite and PostgreSQL, in the documentation, in a browser
	@scripts/test.sh

check: ## format, lints, documentation, dependencies, scripts, generated files
	@scripts/check.sh

audit: ## known faults in dependencies, where their databases can be fetched
	@scripts/audit.sh

bench: ## measure, and print ratios
	@scripts/bench.sh

bench-linkage: ## link a million invented records, with Splink beside (RECORDS=)
	@scripts/bench.sh linkage

torture: ## stop servers in the middle of writes, many times over (ROUNDS=)
	@scripts/torture.sh

fuzz: ## harm files on their way to every reader, for minutes (CASES=)
	@scripts/fuzz.sh

assets: ## fetch the front-end packages and make what the binary embeds
	@scripts/assets.sh
