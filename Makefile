# ssmpd: `make` lists what can be made.

.DEFAULT_GOAL := help
SWIFT ?= swift
PORT ?= 8787
TLSPORT ?= 8788
# The Swift runtime is built in: the daemon starts with less memory, and runs where no Swift is.
RELEASE := -c release --static-swift-stdlib

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

requirements: # says exactly what to install where something is missing
	@Scripts/requirements

build: requirements ## build the daemon: .build/release/ssmpd
	$(SWIFT) build $(RELEASE) --product ssmpd

tools: requirements ## build the command line client: .build/release/ssmp
	$(SWIFT) build $(RELEASE) --product ssmp

certs: requirements ## make certificates for development: an authority, a server, two devices
	@Scripts/certs

run: build certs ## start a development server on this machine, with open login and with TLS
	@Scripts/run $(PORT) $(TLSPORT)

test: requirements ## run all tests
	@Scripts/test

test-thread: requirements ## run the tests with the thread sanitizer
	@Scripts/test-sanitized thread

# SCOPE=libraries leaves out the integration tests against a sanitized server.
test-address: requirements ## run the tests with the address sanitizer
	@Scripts/test-sanitized address $(SCOPE)

# PLAIN=records,provider switches only those off, PLAIN=none none (docs/tls.md).
test-tls-plain: requirements ## run the tests about TLS without the shortcuts that ssmpd takes with OpenSSL
	@Scripts/test-tls-plain

# SSMPD=path/to/ssmpd uses that one, and builds none.
test-client: requirements ## compile and run the Swift code of the docs, and the examples, against a server
	@Scripts/requirements python3
	@SSMPD="$(SSMPD)" Scripts/client-docs

# TARGETS="pem record" runs those alone.
fuzz: requirements ## fuzz all that reads bytes from elsewhere, SECONDS for each target (60)
	@Fuzz/run $(or $(SECONDS),60) $(TARGETS)

# SECONDS for all numbers of loops together (600; 36000 for a night), SEED and LOOPS (1,2,4) to look at a finding once more.
soak: build ## let simulated clients do anything for SECONDS (600), and judge what the server makes of it
	$(SWIFT) build $(RELEASE) --product ssmp-soak
	.build/release/ssmp-soak --seconds $(or $(SECONDS),600)$(if $(SEED), --seed $(SEED))$(if $(LOOPS), --loops $(LOOPS))

# SSMPD=path/to/ssmpd measures that one, and builds none. ROUNDS and DURATION (seconds of each run) have defaults that fit the time.
bench: $(if $(SSMPD),,build) ## measure ssmpd beside bare servers (5 minutes); PEERS=1: beside NATS, Redis and Mosquitto, too (20)
	@SSMPD="$(SSMPD)" Scripts/bench

bench-fairness: $(if $(SSMPD),,build) ## measure whether slow clients, and clients that flood, slow the others down (5 minutes); TLS=1 through TLS
	@Benchmarks/fairness $(if $(SSMPD),--ssmpd $(SSMPD)) $(if $(TLS),--tls)

bench-client: $(if $(SSMPD),,build) ## measure the client library beside raw sockets (2 minutes)
	$(SWIFT) build $(RELEASE) --product ssmp-client-bench
	$(SWIFT) build $(RELEASE) --product ssmp-bench
	@Benchmarks/client $(if $(SSMPD),--ssmpd $(SSMPD))

bench-check: requirements ## count instructions and allocations per message, and compare with those that are kept in the repository
	@Scripts/requirements valgrind
	$(SWIFT) build $(RELEASE) --product ssmp-million
	Benchmarks/check

bench-million: build ## measure with CONNECTIONS (1000000) in memory, and with as many real ones as SOCKETS or the limits say
	$(SWIFT) build $(RELEASE) --product ssmp-million
	.build/release/ssmp-million --connections $(or $(CONNECTIONS),1000000)
	.build/release/ssmp-million --sweep
	Benchmarks/sockets/run $(SOCKETS)

# PREFIX (/usr/local), SYSCONFDIR (/etc) and DESTDIR as usual. SSMPD=path/to/ssmpd installs or packs that one, and the ssmp beside
# it (or SSMP=path/to/ssmp), and builds none.
INSTALLATION = $(MAKE) -s -C packaging $(if $(SSMPD),SSMPD=$(abspath $(SSMPD))) $(if $(SSMP),SSMP=$(abspath $(SSMP))) \
  $(if $(DESTDIR),DESTDIR=$(abspath $(DESTDIR)))

install: $(if $(SSMPD),,requirements) ## install daemon, tools, man pages, units, default settings (which never replace existing ones)
	@$(INSTALLATION) install

install-server install-tools: $(if $(SSMPD)$(SSMP),,requirements)
	@$(INSTALLATION) $@

uninstall: ## remove what install has installed, but for the settings
	@$(INSTALLATION) uninstall

deb: $(if $(SSMPD),,requirements) ## build the packages for Debian: .build/ssmpd_VERSION_ARCHITECTURE.deb, and ssmp-tools_...
	@SSMPD="$(SSMPD)" SSMP="$(SSMP)" packaging/deb/build

dist: requirements ## make the files of a release in .build/dist: sources, packages, lists of linked libraries, checksums
	@Scripts/dist

test-package: requirements ## build the packages, check them, and install, upgrade and remove them under a systemd of its own
	@Scripts/test-package

.PHONY: install install-server install-tools uninstall deb dist test-package

lint: requirements ## check the format of all sources
	$(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests Examples Fuzz Benchmarks

format: requirements ## format all sources
	$(SWIFT) format --in-place --recursive --parallel Package.swift Sources Tests Examples Fuzz Benchmarks

# SCRATCH=.build leaves what it builds to the targets that come after; nothing may have been built there.
warnings: requirements # fails when a debug or release build warns
	@SCRATCH="$(SCRATCH)" Scripts/warnings

clean: ## remove what was built
	rm -rf .build .fuzz .fuzz-fast .dev
	$(MAKE) -s -C Benchmarks clean

.PHONY: help requirements build tools certs run test test-thread test-address test-tls-plain test-client fuzz soak bench bench-fairness bench-client bench-check bench-million lint format warnings clean
