# Everything here works on a fresh Debian 12 with a Swift 6.3 toolchain, as root or with sudo,
# without a terminal and without questions.

SHELL := /bin/bash
MAKEFLAGS += --no-print-directory
PREFIX ?= /usr/local
DESTDIR ?=

# The toolchain on PATH, else where its archive is usually unpacked.
export PATH := $(PATH):/opt/swift/usr/bin

# Every build uses the same flags, or each command would build the tree anew.
BUILD := swift build
BUILD_FLAGS := --explicit-target-dependency-import-check error
BUILD_PACKAGES := libcurl4-openssl-dev libncurses-dev libsqlite3-dev libhttp-parser-dev \
  libhiredis-dev libsimdjson-dev libssl-dev ncurses-term pkg-config
TEST_PACKAGES := tmux procps python3-venv openssl redis-server
BENCH_PACKAGES := wrk redis-server
SWIFT_TREES := Package.swift Sources Tests Fuzz/Targets

.PHONY: help run test check format lint determinism simulate fuzz bench peers install clean \
  build-packages test-tools bench-tools release debug toolchain

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile | expand -t 18

run: release ## build, and open the dashboard on the demonstration fleet
	@.build/release/mcpdash demo

# One test at a time: many start processes and some watch real time, on what may be two cores. What
# is tested from end to end is what is shipped: the optimizer has broken code that the debug build runs.
test: release debug ## build and run every test
	MCPDASH_PROGRAMS=$(CURDIR)/.build/release swift test --skip-build --disable-xctest --no-parallel $(BUILD_FLAGS)

# The tests come last, so that the last line is their summary.
check: BUILD := scripts/build-without-warnings
check: lint determinism test ## what the continuous integration runs

lint: toolchain
	swift format lint --strict --parallel --recursive $(SWIFT_TREES)

determinism: debug
	scripts/determinism

SEEDS ?= 10000
simulate: release ## judge the engine over SEEDS (10000) storms, or tell all of one: SEED=n make simulate
	@.build/release/mcpdash simulate $(if $(SEED),--seed $(SEED),--seeds $(SEEDS))

SECONDS ?= 600
fuzz: build-packages toolchain ## fuzz each reader of foreign bytes for SECONDS (600); TARGETS names some
	@scripts/fuzz $(SECONDS)

format: toolchain ## rewrite the sources in the house's format
	swift format format --in-place --parallel --recursive $(SWIFT_TREES)

bench: release bench-tools ## measure, and keep the figures under docs/benchmarks
	swift build -c release $(BUILD_FLAGS) --product benchmark
	.build/release/benchmark

peers: ## install the libraries of others that bench measures beside ours
	scripts/peers/install

install: build-packages toolchain ## install below PREFIX (/usr/local)
	swift build -c release $(BUILD_FLAGS) --static-swift-stdlib --product mcpdash
	swift build -c release $(BUILD_FLAGS) --static-swift-stdlib --product mcpdash-faultserver
	install -D -m 755 -t $(DESTDIR)$(PREFIX)/bin .build/release/mcpdash .build/release/mcpdash-faultserver
	install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/man/man1 docs/man/mcpdash.1
	for theme in themes/*.theme; do \
	  [ ! -e "$$theme" ] || install -D -m 644 -t $(DESTDIR)$(PREFIX)/share/mcpdash/themes "$$theme"; \
	done

clean: ## remove everything that was built, and the tests' Python environments
	rm -rf .build .venv

release: build-packages toolchain
	$(BUILD) -c release $(BUILD_FLAGS) --product mcpdash
	$(BUILD) -c release $(BUILD_FLAGS) --product mcpdash-faultserver

debug: build-packages test-tools toolchain
	scripts/build-without-warnings --build-tests $(BUILD_FLAGS)

toolchain:
	@command -v swift >/dev/null || { echo "Swift 6.3 is missing on PATH and in /opt/swift/usr/bin:" \
	  "install it from https://www.swift.org/install/linux/" >&2; exit 1; }

build-packages:
	@scripts/install-packages $(BUILD_PACKAGES)

test-tools:
	@scripts/install-packages $(TEST_PACKAGES)
	@scripts/make-venv .venv/current Tests/requirements.txt
	@scripts/make-venv .venv/handshake Tests/requirements-handshake.txt

bench-tools:
	@scripts/install-packages $(BENCH_PACKAGES)
