# receiptd: the two commands are `make demo` and `make test`; the rest is for who works on it.

CARGO ?= cargo
target = $(or $(CARGO_TARGET_DIR),target)
# What `make build`, `install`, `deb` and `system-test` build and take: cargo's profile. What is shipped is `release`.
PROFILE ?= release
built = $(target)/$(patsubst dev,debug,$(PROFILE))
# What cargo builds for them. With other packages beside them it would build their libraries once more.
PACKAGES ?= -p receiptd -p receiptctl -p receiptd-press -p receiptd-render -p virtual-printer

.PHONY: help build demo fuzz test check bench bench-usb size jar demo-java install deb cross android-check android-aar system-test nightly clean

help:
	@echo "make demo    a real slip through daemon, spool and a virtual printer; kill -9 in the middle; the paper as PNG"
	@echo "make test    every test that needs no virtual machine"
	@echo "make build   the release binaries, in $(target)/release"
	@echo "make demo-java    a Java program that sells coffee, killed in the middle and started again; daemon, virtual printer, paper"
	@echo "make jar     the Java library for Linux with its native half, sources and documentation, as a Maven folder in $(target)/maven"
	@echo "make fuzz    damaged receipts, raw documents and spooled copies: no panic, no crawl (FUZZ_SEED= FUZZ_ROUNDS=)"
	@echo "make check   formatting, lints, documentation, licences"
	@echo "make install DESTDIR= PREFIX=/usr   binaries, man pages, unit, D-Bus, udev and other files, configuration"
	@echo "make deb     a Debian package, in $(target)/deb"
	@echo "make cross   receiptd and receiptctl for arm64 and armhf, tried under qemu-user (ARCHS=, CROSS_PROFILE=release to ship them)"
	@echo "make android-check   the Android build without an NDK: types, names of Android 7.0, sizes, .aar, shrinker (ARCHS=arm64 armv7 x86_64)"
	@echo "make android-aar     the .aar and the programs of a system image, with ANDROID_NDK_HOME (ARCHS=)"
	@echo "make system-test   the package in a virtual machine: systemd, D-Bus, USB, kills, power cuts (CUTS=20 KILLS=20 FLUSHES=100 BRIEF=)"
	@echo "make nightly       the same with 200 power cuts and every flush, make cross, android-check and size"
	@echo "make bench   speed and size, as ratios in one run"
	@echo "make size    build, and check that receiptd and receiptctl are below 5 MB"
	@echo "make bench-usb   the benches of USB, in the virtual machine"

build:
	@scripts/setup build
	$(CARGO) build --profile $(PROFILE) --locked $(PACKAGES)

demo:
	@scripts/setup demo
	$(CARGO) build --release --locked -p receiptd -p receiptctl -p receiptd-render -p virtual-printer -p receiptd-system-tests --bins
	$(target)/release/receiptd-demo

test:
	@scripts/setup test
	# Programs and tests in one go: by themselves the programs' libraries have fewer features, and would be built twice.
	$(CARGO) build --locked --workspace --all-targets
	$(CARGO) test --locked --workspace
	jni-bindings/java-test

# In `make test` it is 3000 inputs of a fixed seed; here it begins somewhere else each time.
fuzz:
	@scripts/setup test
	FUZZ_SEED=$(or $(FUZZ_SEED),$$(date +%s)) FUZZ_ROUNDS=$(or $(FUZZ_ROUNDS),200000) \
	    $(CARGO) test --locked -p virtual-printer --test fuzz -- --nocapture

check:
	@scripts/setup test
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --workspace --no-deps --document-private-items
	scripts/check-licences

# The platform as the library names it: linux-x86_64, linux-aarch64, linux-arm.
jar:
	@scripts/setup jar
	$(CARGO) build --profile $(PROFILE) --locked -p receiptd-jni
	jni-bindings/java-jar linux-$$(uname -m | sed 's/^armv7l$$/arm/')=$(built)/libreceiptd_jni.so

demo-java:
	@scripts/setup demo-java
	$(CARGO) build --release --locked -p receiptd -p receiptctl -p receiptd-render -p receiptd-press -p virtual-printer -p receiptd-jni
	jni-bindings/java-demo

size: build
	scripts/check-size $(target)/release

bench:
	@scripts/setup test
	$(CARGO) build --release --locked -p receiptd -p receiptctl -p receiptd-render -p receiptd-jni -p virtual-printer -p receiptd-bench
	jni-bindings/java-runtime $(target)/java-runtime $(target)/release
	$(target)/release/receiptd-bench

bench-usb:
	@scripts/setup system-test
	$(CARGO) build --release --locked -p receiptd -p receiptd-bench
	$(CARGO) build --locked -p receiptd-vm
	$(target)/debug/receiptd-vm bench --programs $(target)/release

DESTDIR ?=
PREFIX ?= /usr
bindir = $(DESTDIR)$(PREFIX)/bin
share = $(DESTDIR)$(PREFIX)/share
UNITDIR ?= $(PREFIX)/lib/systemd/system
UDEVDIR ?= $(PREFIX)/lib/udev
units = $(DESTDIR)$(UNITDIR)
config = $(DESTDIR)/etc/receiptd

# Installs what `make build` built. An existing configuration is left as it is.
install:
	install -D -m 755 $(built)/receiptd $(bindir)/receiptd
	install -D -m 755 $(built)/receiptctl $(bindir)/receiptctl
	install -D -m 755 $(built)/receiptd-press $(DESTDIR)$(PREFIX)/libexec/receiptd/receiptd-press
	install -D -m 755 $(built)/receiptd-render $(DESTDIR)$(PREFIX)/libexec/receiptd/receiptd-render
	for page in daemon/man/*; do \
	    install -D -m 644 $$page $(share)/man/man$${page##*.}/$${page##*/} || exit 1; \
	done
	for file in daemon/api/dbus/*.xml; do \
	    install -D -m 644 $$file $(share)/dbus-1/interfaces/$${file##*/} || exit 1; \
	done
	install -D -m 644 systemd/dbus/io.receiptd.conf $(share)/dbus-1/system.d/io.receiptd.conf
	install -D -m 644 systemd/dbus/io.receiptd.service $(share)/dbus-1/system-services/io.receiptd.service
	install -D -m 644 systemd/polkit/io.receiptd.policy $(share)/polkit-1/actions/io.receiptd.policy
	install -d $(units)
	sed 's|/usr/bin/|$(PREFIX)/bin/|' systemd/receiptd.service > $(units)/receiptd.service
	chmod 644 $(units)/receiptd.service
	install -D -m 644 systemd/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/receiptd.conf
	install -D -m 644 systemd/tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/receiptd.conf
	for file in $(wildcard udev/*.rules); do \
	    install -D -m 644 $$file $(DESTDIR)$(UDEVDIR)/rules.d/$${file##*/} || exit 1; \
	done
	for file in $(wildcard udev/*.hwdb); do \
	    install -D -m 644 $$file $(DESTDIR)$(UDEVDIR)/hwdb.d/$${file##*/} || exit 1; \
	done
	install -d $(share)/bash-completion/completions $(share)/zsh/vendor-completions $(share)/fish/vendor_completions.d
	$(built)/receiptctl completion bash > $(share)/bash-completion/completions/receiptctl
	$(built)/receiptctl completion zsh > $(share)/zsh/vendor-completions/_receiptctl
	$(built)/receiptctl completion fish > $(share)/fish/vendor_completions.d/receiptctl.fish
	install -D -m 644 dist/receiptd.toml $(share)/doc/receiptd/examples/receiptd.toml
	install -D -m 644 daemon/document/schema/receipt-1.schema.json $(share)/receiptd/receipt-1.schema.json
	install -D -m 644 dist/templates.d/coffee.toml.example $(share)/doc/receiptd/examples/coffee.toml.example
	install -d $(config)/templates.d
	[ -e $(config)/receiptd.toml ] || install -D -m 644 dist/receiptd.toml $(config)/receiptd.toml

# debian/rules builds and installs by this file; debhelper makes the scripts that Debian expects.
deb:
	@scripts/setup deb
	# debhelper leaves out what an earlier run has noted as done, also when the sources are others by now.
	debian/rules clean
	DEB_OUT=$(target)/deb PROFILE=$(PROFILE) PACKAGES='$(PACKAGES)' debian/rules binary

# A light profile: whether it builds and runs there. What is shipped is built with CROSS_PROFILE=release.
CROSS_PROFILE ?= cross

# One of arm64 and armhf, or both if left empty.
ARCHS ?=

cross:
	@scripts/setup cross
	CARGO="$(CARGO)" CROSS_PROFILE="$(CROSS_PROFILE)" scripts/cross $(ARCHS)

# ARCHS: what is linked (arm64 if left empty); arm64 and armv7 are compiled in any case.
android-check:
	@scripts/setup android-check $(ARCHS)
	CARGO="$(CARGO)" jni-bindings/android/check $(ARCHS)

# Says what is missing if it is not there; nothing is installed, since the NDK's licence is between you and Google.
android-aar:
	CARGO="$(CARGO)" jni-bindings/android/build-aar $(ARCHS)

# Power cuts and SIGKILLs of one run, and states of the disk after a flush in which the spool is opened.
CUTS ?= 20
KILLS ?= 20
FLUSHES ?= 100
# What cargo builds for this machine.
TOOLS ?= -p receiptd-vm -p virtual-printer -p receiptd-jni
# BRIEF=yes: only what every change must pass.
BRIEF ?=

system-test:
	@scripts/setup system-test
	$(MAKE) deb
	$(CARGO) build --locked $(TOOLS)
	jni-bindings/java-runtime $(target)/java-runtime $(target)/debug
	$(target)/debug/receiptd-vm test --deb $(target)/deb --java $(target)/java-runtime --cuts $(CUTS) --kills $(KILLS) --flushes $(FLUSHES) $(if $(BRIEF),--brief)

nightly:
	$(MAKE) size
	$(MAKE) cross
	$(MAKE) android-check ARCHS="arm64 armv7 x86_64"
	$(MAKE) system-test CUTS=200 FLUSHES=10000

clean:
	$(CARGO) clean
