# receiptd: the two commands are `make demo` and `make test`; the rest is for who works on it.

CARGO ?= cargo

.PHONY: help build demo test check bench doc clean

help:
	@echo "make demo    a real slip through daemon, spool and a virtual printer; kill -9 in the middle; the paper as PNG"
	@echo "make test    every test that needs no virtual machine"
	@echo "make build   the release binaries, in target/release"
	@echo "make check   formatting, lints, documentation, licences"
	@echo "make bench   speed and size, as ratios in one run"

build:
	@scripts/setup build
	$(CARGO) build --release --locked -p receiptd -p receiptctl -p virtual-printer

demo:
	@scripts/setup demo
	$(CARGO) build --release --locked -p receiptd -p receiptctl -p virtual-printer -p receiptd-system-tests --bins
	target/release/receiptd-demo

test:
	@scripts/setup test
	$(CARGO) build --locked --workspace --bins
	$(CARGO) test --locked --workspace

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items
	scripts/check-licences

bench:
	@scripts/setup test
	$(CARGO) build --release --locked -p receiptd -p receiptctl -p virtual-printer -p receiptd-bench
	target/release/receiptd-bench

clean:
	$(CARGO) clean
