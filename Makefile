# Builds, tests and installs natsform; `make help` lists what there is to make.
#
#   DEV=1                        warnings are errors, and there are more of them
#   SANITIZE=address,undefined   with these sanitizers
#   CC=clang                     with another compiler
#   V=1                          shows the commands
#
# Each combination of these is a variant with a directory of its own, so that switching between them never
# mixes objects nor builds anything anew. The default variant has its programs in build/, any other one in
# build/<variant>/; objects are in build/obj/<variant>/.

MAKEFLAGS += --no-print-directory --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:

ifeq ($(origin CC),default)
CC := gcc
endif
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 20
FUZZ_CC ?= clang
Q := $(if $(V),,@)

# --- the variant and its flags

comma := ,
empty :=
space := $(empty) $(empty)
variant = $(subst $(space),-,$(strip $(filter-out gcc,$(notdir $(CC))) $(if $(DEV),dev) $(1)))
out = build$(if $(variant),/$(variant))
VARIANT := $(call variant,$(subst $(comma),-,$(SANITIZE)))
OUT := $(call out,$(subst $(comma),-,$(SANITIZE)))
OBJ := build/obj/$(or $(VARIANT),default)

LIBRARIES := libnats yaml-0.1 libcjson libcrypto libxxhash
# Opened when they are first needed (src/base/library.h), under the names that their files give themselves.
LATE_LIBRARIES := libgit2 libarchive
# Homebrew keeps libarchive aside, because macOS has one of its own, without headers.
PKG_PATH := $(PKG_CONFIG_PATH)$(if $(filter Darwin,$(shell uname -s)),:$(shell brew --prefix libarchive 2>/dev/null)/lib/pkgconfig)
pkg = $(shell PKG_CONFIG_PATH='$(PKG_PATH)' pkg-config $(1) 2>/dev/null)
ifeq ($(shell uname -s),Darwin)
own_name = $(shell otool -D '$(call pkg,--variable=libdir $(1))/$(1).dylib' 2>/dev/null | sed -n 2p)
else
own_name = $(shell objdump -p '$(call pkg,--variable=libdir $(1))/$(1).so' 2>/dev/null | awk '$$1 == "SONAME" { print $$2 }')
endif

# A sanitizer's report needs names and lines, and no more: that takes gcc a fifth less time, and half the space.
CFLAGS ?= $(if $(SANITIZE),-O1 -fno-omit-frame-pointer -g1,-O2 -g)
DEFINES := -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE
ifeq ($(shell uname -s),Darwin)
DEFINES += -D_DARWIN_C_SOURCE
endif
WARNINGS := -Wall -Wextra
ifneq ($(DEV),)
WARNINGS += -Werror -Wshadow -Wconversion -Wcast-qual -Wformat=2 -Wvla -Wundef -Wmissing-prototypes \
	-Wstrict-prototypes -Wwrite-strings
endif
ifneq ($(SANITIZE),)
# Only a fuzz target has libFuzzer's main; everything else is compiled for it without being linked to it.
SANITIZERS := -fsanitize=$(subst fuzzer,fuzzer-no-link,$(SANITIZE)) -fno-sanitize-recover=all
# Without 200,000 places to relocate, and a library, a program starts in two thirds of the time; tests start it thousands of times.
ifeq ($(notdir $(CC))$(filter Darwin,$(shell uname -s)),gcc)
LINK_SANITIZERS := -no-pie -static-libasan -static-libubsan
endif
endif

# The libraries' own headers are not ours to warn about.
LIB_CFLAGS := $(patsubst -I%,-isystem %,$(call pkg,--cflags $(LIBRARIES) $(LATE_LIBRARIES)))
LIB_LIBS := $(call pkg,--libs $(LIBRARIES))
DEFINES += -DLIBGIT2=$(call own_name,libgit2) -DLIBARCHIVE=$(call own_name,libarchive)
CHECK_CFLAGS := $(patsubst -I%,-isystem %,$(call pkg,--cflags check))
CHECK_LIBS := $(call pkg,--libs check)

# What only tests is compiled for the speed of compiling, which programs wait for; some warnings of DEV=1 come of optimising.
TESTS_CFLAGS := $(if $(VARIANT),-O1,-O0)

COMPILE := -std=c11 $(DEFINES) -Isrc -Itests -Ibuild/include $(LIB_CFLAGS) $(CHECK_CFLAGS) $(CPPFLAGS) $(WARNINGS) \
	-pthread $(SANITIZERS) $(CFLAGS)
LINK := -pthread $(SANITIZERS) $(LINK_SANITIZERS) $(CFLAGS) $(LDFLAGS)

# --- what there is

SOURCES := $(wildcard src/*.c src/*/*.c)
SUPPORT := $(wildcard tests/support/*.c)
UNIT := $(wildcard tests/unit/*.c)
objects = $(patsubst %.c,$(OBJ)/%.o,$(1))

# Texts that the program has in it are files of their own, of each of which a header with its lines as C strings is made.
TEMPLATES := $(patsubst src/%,build/include/%.h,$(wildcard src/*/templates/*))

# Every object of the program but its main, and as an archive what tests, benchmarks and fuzz targets are linked with: of an
# archive a linker takes only what is needed. The unit tests take all of it, since they walk all diagnostic codes.
PARTS := $(filter-out $(OBJ)/src/main.o,$(call objects,$(SOURCES)))
PARTS_ARCHIVE := $(OBJ)/parts.a
SUPPORT_ARCHIVE := $(OBJ)/support.a
# No fuzz target is about what acts: servers, processes, the user.
FUZZED_PARTS := $(filter-out $(addprefix $(OBJ)/src/,apply/% cmd/% devenv/%),$(PARTS))
FUZZED_ARCHIVE := $(OBJ)/fuzzed.a
PROGRAM := $(OUT)/natsform
UNIT_TEST := $(if $(UNIT),$(OUT)/tests/unit)
LIVE_TESTS := $(patsubst tests/live/%.c,$(OUT)/tests/live_%,$(wildcard tests/live/*.c))
# Those that only drive natsform have nothing in them for a sanitizer, and are built without: a test is none of them if it calls more of
# natsform than its tables, or asks whether there is a sanitizer.
DRIVERS := $(if $(SANITIZE),$(filter-out $(patsubst tests/live/%.c,$(OUT)/tests/live_%,$(shell grep -l -E \
	'SUITE_SANITIZED|^.include "(apply|archive|cmd|devenv|edit|formats|generate|manifest|plan|repo|rules|server|view)/' \
	tests/live/*.c)),$(LIVE_TESTS)))
INTEROP_TESTS := $(patsubst tests/interop/%.c,$(OUT)/tests/interop_%,$(wildcard tests/interop/*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(OUT)/tests/fuzz_%,$(wildcard tests/fuzz/*.c))
# Darwin links nothing statically, and has no containers.
PROBE := $(if $(filter Linux,$(shell uname -s)),$(OUT)/healthcheck)
BENCHES := $(patsubst bench/%.c,$(OUT)/bench_%,$(wildcard bench/*.c))

.PHONY: all
all: $(PROGRAM) ## builds build/natsform (the default)

.PHONY: programs
programs: $(PROGRAM) $(UNIT_TEST) $(LIVE_TESTS) $(INTEROP_TESTS) $(BENCHES) $(PROBE) ## builds that, the tests and the benchmarks

# What `make test` runs: of the live tests, not those that tests/programs leaves out of a run with SCOPE=sanitizers.
LEFT_OUT := $(if $(filter sanitizers,$(SCOPE)),$(shell awk '!/^\#/ && NF > 1 && !/sanitizers|both/ { print $$1 }' tests/programs))
TESTED := $(if $(TESTS),programs,$(PROGRAM) $(UNIT_TEST) $(filter-out $(LEFT_OUT:%=$(OUT)/tests/%),$(LIVE_TESTS)) $(PROBE))
.PHONY: tested
tested: $(TESTED)

.PHONY: help
help: ## lists the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@sed -n 's/^#   \([A-Z]*=.*\)/  \1/p' $(MAKEFILE_LIST)

# --- how it is built

# What a target builds on its way takes every processor, unless the user has said how many.
BUILD = $(MAKE) $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell getconf _NPROCESSORS_ONLN))

# Changes when the flags do, and everything depends on it.
$(OBJ)/flags: FORCE
	$(if $(LIB_LIBS),,$(error natsform needs $(LIBRARIES) $(LATE_LIBRARIES), and pkg-config does not find them all: run 'make deps'))
	@mkdir -p $(@D)
	@echo '$(CC) $(COMPILE) $(TESTS_CFLAGS) $(LINK) $(LIB_LIBS)' | cmp -s - $@ || \
		echo '$(CC) $(COMPILE) $(TESTS_CFLAGS) $(LINK) $(LIB_LIBS)' >$@

build/include/%.h: src/%
	@mkdir -p $(@D)
	@sed 's/[\\"]/\\&/g; s/.*/"&\\n"/' $< >$@

$(OBJ)/%.o: %.c $(OBJ)/flags | $(TEMPLATES)
	@mkdir -p $(@D)
	@echo '  cc    $<'
	$(Q)$(CC) $(COMPILE) $(if $(filter tests/%,$<),$(TESTS_CFLAGS)) -MMD -MP -c -o $@ $<

define link
@mkdir -p $(@D)
@echo '  link  $@'
$(Q)$(CC) $(LINK) -o $@ $(filter %.o %.a,$^) $(LIB_LIBS) $(1)
endef

$(PARTS_ARCHIVE): $(PARTS)
$(FUZZED_ARCHIVE): $(FUZZED_PARTS)
$(SUPPORT_ARCHIVE): $(call objects,$(SUPPORT))
$(PARTS_ARCHIVE) $(FUZZED_ARCHIVE) $(SUPPORT_ARCHIVE):
	@rm -f $@
	$(Q)$(AR) rcs $@ $(filter %.o,$^)

$(PROGRAM): $(OBJ)/src/main.o $(PARTS)
	$(call link)

# For images that have nothing to check their health with. Static, and so as it is in any variant but a sanitizer's.
$(OUT)/healthcheck: docker/healthcheck.c $(OBJ)/flags
	@mkdir -p $(@D)
	@echo '  cc    $<'
	$(Q)$(CC) -std=c11 $(DEFINES) $(WARNINGS) -Os -static -s -o $@ $<

.PHONY: healthcheck
healthcheck: $(OUT)/healthcheck ## builds build/healthcheck, the static probe of docker/

$(OUT)/tests/unit: $(call objects,$(UNIT)) $(SUPPORT_ARCHIVE) $(PARTS)
	$(call link,$(CHECK_LIBS))

$(filter-out $(DRIVERS),$(LIVE_TESTS)): $(OUT)/tests/live_%: $(OBJ)/tests/live/%.o $(SUPPORT_ARCHIVE) $(PARTS_ARCHIVE)
	$(call link,$(CHECK_LIBS))

$(DRIVERS): $(OUT)/tests/live_%: drivers
	@mkdir -p $(@D)
	@ln -f $(call out)/tests/live_$* $@

.PHONY: drivers
drivers:
	@+$(MAKE) SANITIZE= $(DRIVERS:$(OUT)/%=$(call out)/%)

$(INTEROP_TESTS): $(OUT)/tests/interop_%: $(OBJ)/tests/interop/%.o $(SUPPORT_ARCHIVE) $(PARTS_ARCHIVE)
	$(call link,$(CHECK_LIBS))

$(FUZZERS): $(OUT)/tests/fuzz_%: $(OBJ)/tests/fuzz/%.o $(FUZZED_ARCHIVE)
	$(call link,-fsanitize=$(SANITIZE))

$(BENCHES): $(OUT)/bench_%: $(OBJ)/bench/%.o $(SUPPORT_ARCHIVE) $(PARTS_ARCHIVE)
	$(call link)

# Objects are reached through pattern rules only; without this, make takes them for intermediate files.
.SECONDARY:
-include $(patsubst %.c,$(OBJ)/%.d,$(SOURCES) $(SUPPORT) $(UNIT) $(wildcard tests/live/*.c tests/interop/*.c tests/fuzz/*.c \
	bench/*.c))

# --- how it is tested

.PHONY: test
test: ## all tests against real servers; TESTS="unit live_plan" picks some
	@tools/deps --test
	@+$(BUILD) tested
	@tests/run $(OUT) $(TESTS)

.PHONY: interop
interop: ## natsform beside the nats CLI and the newest nats-server, which Go builds once
	@tools/deps --test
	@+$(BUILD) programs
	@tests/run $(OUT) $(or $(TESTS),interop)

# Every file by itself, on every processor: a second compiler has to find nothing, but makes no program.
.PHONY: syntax
syntax: $(OBJ)/flags $(TEMPLATES) ## what the compiler says of every file, without building: CC=clang DEV=1
	@echo '  $(CC) -fsyntax-only'
	$(Q)printf '%s\n' $(SOURCES) $(SUPPORT) $(UNIT) $(wildcard tests/live/*.c tests/interop/*.c tests/fuzz/*.c bench/*.c \
		docker/*.c) | \
		xargs -n 16 -P "$$(getconf _NPROCESSORS_ONLN)" $(CC) $(COMPILE) -fsyntax-only

.PHONY: check-all
check-all: ## everything that there is to check, also what .ci/run leaves out
	@.ci/run --all

# On every processor, what takes longest first, the others eight at a time, as valgrind takes two seconds to begin. Texts as large
# as they may be take it two minutes: they are read with sanitizers, and under valgrind in `make check-all` only. For each assertion
# Check moves a whole message to and fro: of the size that a failure may want elsewhere, that took half of all the time.
LONG_SUITES := edit_pull edit_pull_gone generate_certificates syntax_yaml
.PHONY: check-valgrind
check-valgrind: $(UNIT_TEST) ## the unit tests under valgrind
	@echo '  valgrind $(UNIT_TEST)'
	$(Q)mkdir -p $(OUT)/valgrind
	$(Q){ printf '%s\n' $(LONG_SUITES); $(UNIT_TEST) --list | grep -v -x $(LONG_SUITES:%=-e %) | paste -d ' ' - - - - - - - -; } | \
		NATSFORM='$(abspath $(PROGRAM))' NATSFORM_TESTS='$(abspath tests)' CK_FORK=no CK_MAX_MSG_SIZE=4096 \
		CK_EXCLUDE_TAGS='$(if $(DEEP),,large)' \
		xargs -L 1 -P "$$(getconf _NPROCESSORS_ONLN)" sh -c 'log=$(OUT)/valgrind/$$0.log; \
			valgrind --quiet --error-exitcode=9 --leak-check=full $(UNIT_TEST) "$$0" "$$@" >"$$log" 2>&1 || \
			{ cat "$$log"; exit 1; }'

.PHONY: fuzz
fuzz: ## each fuzz target for FUZZ_SECONDS=20, with clang's libFuzzer
	@$(MAKE) CC=$(FUZZ_CC) SANITIZE=fuzzer,address,undefined fuzz-run

.PHONY: fuzz-run
fuzz-run: $(FUZZERS:%=%.run)

# The corpus of the repository is only read: what libFuzzer finds goes to build/fuzz/.
$(OUT)/tests/fuzz_%.run: $(OUT)/tests/fuzz_% FORCE
	@mkdir -p build/fuzz/$*
	$(Q)$< -max_total_time=$(FUZZ_SECONDS) -timeout=10 -artifact_prefix=build/fuzz/$*- \
		$(patsubst %,-dict=%,$(wildcard tests/fuzz/$*.dict)) build/fuzz/$* $(wildcard tests/fuzz/corpus/$*) \
		>build/fuzz/$*.log 2>&1 || { tail -n 100 build/fuzz/$*.log; echo 'fuzz $*: FAILED'; exit 1; }
	@echo "  fuzz $*: $$(tail -n 1 build/fuzz/$*.log)"

.PHONY: lint
lint: ## the house rules, clang-format, clang-tidy, shellcheck; DEEP=1 follows more paths
	@tools/lint $(if $(DEEP),--deep)

.PHONY: bench
bench: ## the benchmarks
	@tools/deps
	@+$(BUILD) programs
	@NATSFORM='$(abspath $(PROGRAM))' BUILD='$(abspath $(OUT))' bench/run

.PHONY: walk
walk: $(PROGRAM) ## compares the walks of docs/architecture.md with traced runs
	@server=$$(tools/servers 2.15.1) && tools/walk $(PROGRAM) "$$server"

.PHONY: demo
demo: ## a tour against a real server
	@tools/deps
	@+$(BUILD) all
	@server=$$(tools/servers 2.15.1) && NATSFORM='$(abspath $(PROGRAM))' NATS_SERVER="$$server" tools/demo

# --- the rest

.PHONY: schemas
schemas: $(PROGRAM) ## writes schemas/natsform.schema.json out of the field tables
	@mkdir -p schemas
	@$(PROGRAM) schema >schemas/.new && mv schemas/.new schemas/natsform.schema.json || { rm -f schemas/.new; exit 1; }

.PHONY: codes
codes: $(PROGRAM) ## writes docs/codes.md out of the codes and the rules
	@$(PROGRAM) explain codes >docs/.new && mv docs/.new docs/codes.md || { rm -f docs/.new; exit 1; }

.PHONY: format
format: ## formats the C code in place
	@find src tests bench docker -name '*.[ch]' 2>/dev/null | xargs clang-format -i

.PHONY: deps
deps: ## installs the packages that building and testing need
	@tools/deps --test

bin_dir = $(DESTDIR)$(PREFIX)/bin
share_dir = $(DESTDIR)$(PREFIX)/share
bash_file = $(share_dir)/bash-completion/completions/natsform
zsh_file = $(share_dir)/zsh/site-functions/_natsform
fish_file = $(share_dir)/fish/vendor_completions.d/natsform.fish
install_file = if [ -f $(1) ]; then install -d $(dir $(2)) && install -m 644 $(1) $(2); fi

.PHONY: manual
manual: $(PROGRAM) ## writes man pages and shell completion out of the command tables
	@mkdir -p build/man build/completions
	@$(PROGRAM) man >build/man/natsform.1
	@$(PROGRAM) man natsform.yaml >build/man/natsform.yaml.5
	@for command in $$($(PROGRAM) --help | sed -n 's/^  \([a-z]*\)  *[A-Z].*/\1/p'); do \
		$(PROGRAM) man $$command >build/man/natsform-$$command.1 || exit 1; done
	@$(PROGRAM) completion bash >build/completions/natsform.bash
	@$(PROGRAM) completion zsh >build/completions/_natsform
	@$(PROGRAM) completion fish >build/completions/natsform.fish

.PHONY: install
install: $(PROGRAM) manual ## installs to PREFIX=/usr/local, below DESTDIR if given
	install -d $(bin_dir)
	install -m 755 $(PROGRAM) $(bin_dir)/natsform
	@for page in build/man/*.1; do \
		install -d $(share_dir)/man/man1 && install -m 644 $$page $(share_dir)/man/man1 || exit 1; done
	@$(call install_file,build/man/natsform.yaml.5,$(share_dir)/man/man5/natsform.yaml.5)
	@$(call install_file,build/completions/natsform.bash,$(bash_file))
	@$(call install_file,build/completions/_natsform,$(zsh_file))
	@$(call install_file,build/completions/natsform.fish,$(fish_file))

.PHONY: uninstall
uninstall: ## removes what install put there
	rm -f $(bin_dir)/natsform $(share_dir)/man/man1/natsform.1 $(share_dir)/man/man1/natsform-*.1
	rm -f $(share_dir)/man/man5/natsform.yaml.5
	rm -f $(bash_file) $(zsh_file) $(fish_file)

.PHONY: clean
clean: ## removes build/
	rm -rf build

# For `make -j clean all`.
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

# For tools/lint: clang-tidy has to see the code as the compiler does.
.PHONY: print-flags
print-flags:
	@echo '$(filter-out -W%,$(COMPILE))'

.PHONY: FORCE
FORCE:
