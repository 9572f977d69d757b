# parley: the only build file; each folder's module.mk names its sources by
# ring (ARCHITECTURE.md).  Objects go to build/<variant>/.
#
#   make            libraries and build/parley      make demo     the main job
#   make check      tests, seed replay, lint        make interop  real peers
#   make deps       what Debian must install        make help     the rest

CC ?= cc
AR ?= ar
PREFIX ?= /usr/local
WITHOUT ?=
SAN ?=
COVERAGE ?=
TRAP ?= $(if $(SAN)$(filter valgrind,$(EMULATOR)),1)
V ?=

VERSION := 0.1.0
comma := ,
empty :=
space := $(empty) $(empty)
dashed = $(subst $(space),-,$(strip $(1)))

# ------------------------------------------------------------- variants
# Every combination of options has products of its own, and objects of its own
# but for WITHOUT, which changes what is linked and no object (O below).
VARIANT := $(if $(SAN),$(subst $(comma),-,$(SAN)),$(if $(TRAP),trap,release))
ifneq ($(COVERAGE),)
VARIANT := coverage
endif
ifneq ($(findstring clang,$(CC)),)
VARIANT := $(VARIANT)-clang
endif
O := build/$(VARIANT)
ifneq ($(strip $(WITHOUT)),)
VARIANT := $(VARIANT)-without-$(call dashed,$(sort $(WITHOUT)))
endif
B := build/$(VARIANT)

# The parts that can be left out, and those to come, which are left out so far.
PARTS := dns rtp media opus speexdsp alsa tls
PARTS_LATER := video msrp xcap presence zrtp ice speex gsm vpx openh264
BOGUS := $(filter-out $(PARTS) $(PARTS_LATER),$(WITHOUT))
$(if $(BOGUS),$(error WITHOUT="$(BOGUS)": no such part; there are $(PARTS) \
	(and later $(PARTS_LATER))))

# A left-out part takes those that stand on it along.
OUT := $(WITHOUT)
OUT += $(if $(filter rtp,$(OUT)),media zrtp ice)
OUT += $(if $(filter media,$(OUT)),video opus speex gsm alsa speexdsp)
OUT += $(if $(filter video,$(OUT)),vpx openh264)
OUT := $(sort $(OUT))
with = $(if $(filter $(1),$(OUT)),,yes)

# ---------------------------------------------------------------- flags
WARN := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla \
	-Wstrict-prototypes -Wmissing-prototypes -Wundef -Wcast-qual \
	-Wcast-align -Wwrite-strings -Wformat=2 -Wimplicit-fallthrough -Werror
OPT := -O2 -g
ALL_CFLAGS := -std=c11 -D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L -I. $(OPT) \
	$(WARN) -fvisibility=hidden -fno-common -fstack-protector-strong \
	-ffunction-sections -fdata-sections -MMD -MP
LDLIBS := -lm -lpthread
LDFLAGS += -Wl,--gc-sections -Wl,--as-needed
ifneq ($(SAN),)
ALL_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer
LDFLAGS += -fsanitize=$(SAN)
endif
ifneq ($(TRAP),)
ALL_CFLAGS += -DPARLEY_TRAP
endif
ifneq ($(COVERAGE),)
ALL_CFLAGS += --coverage -O0
LDFLAGS += --coverage
endif
ALL_CFLAGS += $(CFLAGS)

# -------------------------------------------------------------- modules
MODULES := platform dns sip sdp rtp media client
RINGS := PURE DOOR ENGINE EDGE
NEEDS := # PACKAGE:HEADER:-lLIBRARY:PART of what is not ours (tests/deps.sh)
TABLES := # kind:name pairs for features.c, added by module.mk
TOOL_TABLES :=
COMMANDS :=
include $(wildcard $(addsuffix /module.mk,$(MODULES) tools tests fuzz examples))

srcs = $(foreach r,$(RINGS),$($(1).$(r)))
LIB_SRC := $(foreach m,$(MODULES),$(call srcs,$(m)))
SIM_SRC := $(platform.SIM)
TOOL_SRC := $(tools.SRC)
SRC := $(LIB_SRC) $(SIM_SRC) $(TOOL_SRC)
obj = $(patsubst %.c,$(O)/%.o,$(1))
LIB_OBJ := $(call obj,$(LIB_SRC)) $(B)/features.o
TOOL_OBJ := $(call obj,$(TOOL_SRC)) $(B)/tool_features.o
# Of the modules one by one, and of the simulator: what all programs link.
ARCHIVES := $(B)/libparley-sim.a $(B)/libparley-modules.a
tests.TOOLOBJ = $(filter-out $(O)/tools/main.o,$(TOOL_OBJ))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all deps deps-all demo check interop install uninstall size coverage \
	bench lint tidy cppcheck check-layers check-circles check-rings \
	check-names check-frames mutate mutate-all mutate-run clean help \
	fuzz-all m32

all: build/parley $(B)/libparley.a $(B)/libparley-modules.a $(B)/libparley.so

help:
	@sed -n 's/^#   //p' Makefile; echo \
	'make WITHOUT="opus alsa"  make SAN=address,undefined check  make size'; \
	echo 'make coverage  make mutate  make bench  make lint  make fuzz-NAME'

# Everything below build/<variant>/ follows the options: rebuilt when they are.
$(O)/flags: SAYS = $(CC) $(ALL_CFLAGS)
$(B)/parts: SAYS = $(CC) $(ALL_CFLAGS) $(OUT)
$(O)/flags $(B)/parts: FORCE
	@mkdir -p $(@D)
	@echo '$(SAYS)' | cmp -s - $@ || echo '$(SAYS)' > $@
FORCE:

# What is missing of others is said at once, by name.
DEPS_SH = CC='$(CC)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' \
	NEEDS='$(NEEDS)' sh tests/deps.sh
$(B)/needs $(B)/needs-check: $(B)/parts
	@$(DEPS_SH) --look build $(patsubst needs-%,%,$(filter-out needs,$(@F)))
	@touch $@

$(O)/%.o: %.c $(O)/flags | $(B)/needs
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $($(basename $<).CFLAGS) -fPIC -c $< -o $@

# ------------------------------------------- the generated feature tables
# kind:name becomes a row of feature_<kind>[]; the kind's header declares it.
# Those of the program are TOOL_TABLES, so that the library knows none of it.
$(B)/features.c: $(B)/parts $(wildcard */module.mk) tools/features.sh
	$(call say,GEN,$@)
	$(Q)sh tools/features.sh '$(sort $(TABLE_ALL))' $(TABLES) > $@
	$(Q)printf 'extern const char *const feature_version;\n%s\n' \
		'const char *const feature_version = "$(VERSION)";' >> $@
$(B)/tool_features.c: $(B)/parts $(wildcard */module.mk) tools/features.sh
	$(call say,GEN,$@)
	$(Q)sh tools/features.sh '$(sort $(TOOL_TABLE_ALL))' $(TOOL_TABLES) > $@
$(B)/features.o $(B)/tool_features.o: $(B)/%.o: $(B)/%.c
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -fPIC -c $< -o $@

# ------------------------------------------------------------- products
# libparley.a: one relocatable object that shows parley_* alone.
$(B)/libparley-modules.a: $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^
$(B)/libparley-sim.a: $(call obj,$(SIM_SRC))
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^
$(B)/libparley.o: $(LIB_OBJ)
	$(call say,LD,$@)
	$(Q)$(LD) -r -o $@.all $^
	$(Q)objcopy --wildcard --keep-global-symbol='parley_*' $@.all $@
	$(Q)rm -f $@.all
$(B)/libparley.a: $(B)/libparley.o
	$(call say,AR,$@)
	$(Q)rm -f $@; $(AR) rcs $@ $^
$(B)/libparley.so: $(LIB_OBJ)
	$(call say,LD,$@)
	$(Q)$(CC) -shared -Wl,-soname,libparley.so.0 $(LDFLAGS) \
		-Wl,--version-script=client/parley.map -o $@ $^ $(LIBS) $(LDLIBS)
$(B)/parley: $(TOOL_OBJ) $(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(LDLIBS)
# Whichever variant was asked for last is build/parley, not the newest one.
build/parley: $(B)/parley FORCE
	$(Q)cmp -s $< $@ || cp -f $< $@

# ---------------------------------------------------------------- tests
# A unit test builds where the source it is named after does.
UNIT_ALL := $(filter-out $(tests.SKIP:%=tests/unit/test_%.c), \
	$(wildcard tests/unit/test_*.c))
BUILT := $(basename $(notdir $(SRC)))
UNIT_SRC := $(foreach t,$(UNIT_ALL),$(if $(filter \
	$(patsubst test_%.c,%,$(notdir $(t))),$(BUILT) $(tests.EXTRA)),$(t)))
UNIT_OBJ := $(call obj,$(UNIT_SRC) tests/unit/main.c $(tests.HELPERS))
CHECK_LIBS = $(or $(shell pkg-config --libs check 2>/dev/null),-lcheck \
	$(if $(wildcard /usr/lib/*/libsubunit.* /usr/lib*/libsubunit.*),-lsubunit) \
	-lrt -lm)
$(filter $(O)/tests/%,$(UNIT_OBJ) $(call obj,$(tests.PROGRAMS))): | \
	$(B)/needs-check

$(B)/suites.c: $(B)/parts $(UNIT_SRC) Makefile
	$(call say,GEN,$@)
	$(Q)sh tests/suites.sh $(UNIT_SRC) > $@
$(B)/suites.o: $(B)/suites.c
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@
$(B)/unit: $(UNIT_OBJ) $(B)/suites.o $(tests.TOOLOBJ) \
		$(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(CHECK_LIBS) $(LDLIBS)

# Other test programs: tests/<kind>/<name>.c is one program each.
PROGS := $(foreach p,$(tests.PROGRAMS),$(B)/$(basename $(p)))
# NAME.TABLES are rows that one of them adds to the feature tables: it has a set
# of its own, so that the library's is not linked.
PROGS_OWN := $(foreach p,$(PROGS),$(if $($(p:$(B)/%=%).TABLES),$(p)))
$(PROGS_OWN:%=%.features.c): $(B)/%.features.c: $(B)/features.c
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)sh tools/features.sh '$(sort $(TABLE_ALL))' $(TABLES) \
		$($*.TABLES) > $@
	$(Q)grep feature_version $< >> $@
$(PROGS_OWN:%=%.features.o): %.o: %.c
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@
$(PROGS_OWN): %: %.features.o
$(PROGS): $(B)/%: $(O)/%.o $(call obj,$(tests.HELPERS)) $(tests.TOOLOBJ) \
		$(ARCHIVES)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LIBS) \
		$(CHECK_LIBS) $(LDLIBS)

# What the interoperability tests measure recordings with.
$(B)/tests/sim/desk_main: $(call obj,tests/sim/desk_main.c tests/sim/desk.c) \
		$(ARCHIVES)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(LDLIBS)

$(B)/tests/dns/server: $(call obj,tests/dns/server.c tests/dns/zone.c \
		tests/dns/nameserver.c) $(ARCHIVES)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(LDLIBS)

$(B)/tests/interop/heard: $(call obj,tests/interop/heard.c) $(ARCHIVES)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(LDLIBS)

$(B)/tests/interop/tls_end: $(call obj,tests/interop/tls_end.c) $(ARCHIVES)
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(LDLIBS)

# Fuzz targets: replayed seeds under any compiler, libFuzzer under clang.
FUZZ_ALL := $(wildcard fuzz/fuzz_*.c)
FUZZ_NAMES := $(filter-out $(fuzz.SKIP),$(patsubst fuzz/fuzz_%.c,%,$(FUZZ_ALL)))
REPLAYS := $(FUZZ_NAMES:%=$(B)/replay_%)
$(REPLAYS): $(B)/replay_%: $(O)/fuzz/fuzz_%.o $(O)/fuzz/replay.o \
		$(call obj,$(fuzz.HELPERS)) $(ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LIBS) $(LDLIBS)

FB := build/fuzz
FUZZ_FLAGS = $(filter-out -Werror,$(ALL_CFLAGS)) -DPARLEY_TRAP -O1 \
	-fsanitize=fuzzer-no-link,address,undefined \
	-fno-sanitize-recover=all
FUZZ_CC ?= clang
FUZZ_TIME ?= 60
$(FB)/%.o: %.c
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -c $< -o $@
$(FB)/features.o: $(B)/features.c
	@mkdir -p $(@D)
	$(Q)$(FUZZ_CC) $(FUZZ_FLAGS) -c $< -o $@
$(FB)/libparley-fuzz.a: $(patsubst %.c,$(FB)/%.o,$(LIB_SRC) $(SIM_SRC)) \
		$(FB)/features.o
	$(Q)rm -f $@; $(AR) rcs $@ $^
$(FB)/fuzz_%: $(FB)/fuzz/fuzz_%.o $(patsubst %.c,$(FB)/%.o,$(fuzz.HELPERS)) \
		$(FB)/libparley-fuzz.a
	$(call say,LD,$@)
	$(Q)$(FUZZ_CC) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS) $(LDLIBS)
$(FB)/%.o: | $(FB)/needs
$(FB)/needs:
	$(DEPS) build fuzz
	@mkdir -p $(@D)
	@touch $@
fuzz-%: $(FB)/fuzz_%
	@mkdir -p $(FB)/found/$*
	cd $(FB)/found/$* && ASAN_OPTIONS=detect_leaks=1 ../../fuzz_$* \
		-max_total_time=$(FUZZ_TIME) -timeout=10 -rss_limit_mb=1024 \
		-print_final_stats=0 -verbosity=0 -close_fd_mask=1 \
		$(if $(wildcard fuzz/dict/$*.dict),-dict=../../../../fuzz/dict/$*.dict) \
		. ../../../../fuzz/corpus/$*
fuzz-all: $(FUZZ_NAMES:%=fuzz-%)

# EMULATOR=valgrind runs each test program under it.
EMULATOR ?=
ifeq ($(EMULATOR),valgrind)
override EMULATOR := valgrind -q --error-exitcode=99 --leak-check=full \
	--show-leak-kinds=definite,indirect --suppressions=tests/valgrind.supp
export CK_FORK := no
endif
ifneq ($(SAN),)
export ASAN_OPTIONS := detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS := print_stacktrace=1
export CK_FORK ?= no
endif
export CK_DEFAULT_TIMEOUT ?= 120
SEEDS ?= 200
VECTORS ?=

TEST_CMDS = '$(EMULATOR) $(B)/unit' \
	$(foreach p,$(PROGS),'$(EMULATOR) $(p) $($(p:$(B)/%=%).ARGS)') \
	$(foreach r,$(FUZZ_NAMES),'$(EMULATOR) $(B)/replay_$(r) fuzz/corpus/$(r)')
LINTS ?= $(if $(SAN)$(EMULATOR)$(COVERAGE),,lint)

# What is missing is installed by whom its user calls, and by nobody below.
DEPS = @$(if $(filter 0,$(MAKELEVEL)),$(DEPS_SH),:)
# As many compilers at a time as there are processors, unless -j says otherwise.
PARALLEL = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 2))

check:
	$(DEPS) build check $(if $(findstring valgrind,$(EMULATOR)),valgrind) \
		$(if $(COVERAGE),coverage)
	@$(MAKE) $(PARALLEL) --no-print-directory check-run
.PHONY: check-run check-build
check-build: $(B)/unit $(PROGS) $(REPLAYS) $(B)/parley $(tests.EXAMPLES)
check-run: check-build
	@SEEDS='$(SEEDS)' VECTORS='$(VECTORS)' PARLEY=$(B)/parley B=$(B) \
		SAN='$(SAN)' EMULATOR='$(EMULATOR)' FLOORS='$(if $(OUT),,yes)' \
		sh tests/tally.sh $(LINTS:%='$(MAKE) --no-print-directory %') \
		$(tests.SCRIPTS:%='sh %') $(TEST_CMDS)

demo:
	$(DEPS) build
	@$(MAKE) $(PARALLEL) --no-print-directory build/parley
	build/parley demo

interop:
	$(DEPS) build
	@sh tests/interop/deps.sh
	@sh tests/interop/jssip/fetch.sh
	@$(MAKE) $(PARALLEL) --no-print-directory build/parley $(B)/tests/interop/heard \
		$(B)/tests/interop/tls_end
	@PARLEY=build/parley HEARD=$(B)/tests/interop/heard \
		TLS_END=$(B)/tests/interop/tls_end bash tests/interop/run.sh

deps:
	@$(DEPS_SH) build check
deps-all: # what the slow checks need as well
	@$(DEPS_SH) build check install clang fuzz tidy cppcheck valgrind \
		coverage mutate 'cross?'

bench: build/parley
	build/parley bench

# ----------------------------------------------------------------- lint
lint: check-layers check-circles check-names check-rings check-frames m32
	@sh tests/lint.sh

check-layers:
	@sh tests/check-layers.sh

check-circles:
	@sh tests/check-circles.sh

# Rings hold for what is shipped: the release variant, gcc.
check-rings: $(LIB_OBJ) $(call obj,$(SIM_SRC))
	@{ $(foreach m,$(MODULES),$(foreach r,$(RINGS),$(foreach f,$($(m).$(r)), \
		echo '$(r) $(f) $(O)/$(f:.c=.o)';))) \
		$(foreach f,$(SIM_SRC),echo 'EDGE $(f) $(O)/$(f:.c=.o)';) true; } | sh tests/check-rings.sh

# Frames are those of the usual options, gcc; the simulator's are as they like.
FRAMES := $(if $(CFLAGS)$(filter-out release release-without%,$(VARIANT)),,yes)
check-frames: $(LIB_OBJ)
	@$(if $(FRAMES),sh tests/check-frames.sh \
		$(filter-out $(O)/platform/sim/%,$(LIB_OBJ)),:)

check-names: $(B)/libparley.a $(B)/libparley.so
	@sh tests/check-names.sh $^

m32:
	@echo 'int x;' | $(CC) -m32 -include stdint.h -x c -fsyntax-only - \
		2>/dev/null || { \
		echo 'skipped: m32: no 32-bit headers (gcc-multilib)'; exit 0; }; \
	echo '$(LIB_SRC) $(SIM_SRC)' | tr ' ' '\n' | grep . | \
		xargs -n 24 $(CC) -m32 \
		-fsyntax-only $(filter-out -MMD -MP -g -f%,$(ALL_CFLAGS))

cppcheck:
	$(DEPS) cppcheck
	cppcheck --quiet --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppressions-list=tests/cppcheck.supp \
		--error-exitcode=1 -I. -j2 $(SRC)
tidy:
	$(DEPS) build tidy
	@echo '$(SRC)' | tr ' ' '\n' | grep . | \
		xargs -P2 -n 8 sh -c 'clang-tidy --quiet "$$@" -- -std=c11 -I. \
		-D_DEFAULT_SOURCE -D_POSIX_C_SOURCE=200809L 2>/dev/null' tidy

print-ring:
	@echo $(foreach m,$(MODULES),$($(m).$(RING)))

print-parts:
	@echo $(PARTS)
print-later:
	@echo $(PARTS_LATER)
print-features: # what a choice of WITHOUT changes
	@echo $(sort $(SRC) $(TABLES) \
		$(TOOL_TABLES) $(LIBS))

size: $(LIB_OBJ)
	@{ $(foreach m,$(MODULES),$(if $(call srcs,$(m)),echo '$(m) $(call obj, \
		$(call srcs,$(m)))';)) true; } | sh tests/size.sh

coverage:
	$(DEPS) build check coverage
	@$(MAKE) $(PARALLEL) --no-print-directory COVERAGE=1 check LINTS=
	@sh tests/coverage.sh

# MUTANTS=all or a number; FILES="sip/msg/sip_uri.c" for some files; SAN=address for
# what only a sanitizer sees.  mutate is for the parsers; mutate-all for what is
# judged by the whole of make check: FOLDERS="rtp tools" for some of it.
PARSERS := $(sip.PURE) $(sdp.PURE)
FILES ?= $(filter-out sip/usage/sip_oa.c sip/core/sip_flow.c sip/core/sip_key.c,$(PARSERS))
FOLDERS ?= rtp media client tools
mutate:
	$(DEPS) build check mutate
	@$(MAKE) $(PARALLEL) --no-print-directory TRAP=1 mutate-run
mutate-all:
	@$(MAKE) --no-print-directory mutate MUTANTS='$(or $(MUTANTS),100)' \
		FILES='$(filter-out tools/speech.c, \
		$(foreach f,$(FOLDERS),$(call srcs,$(f)) $($(f).SRC)))'
mutate-run: $(B)/unit $(B)/tests/vectors/vectors_sip \
		$(B)/tests/vectors/vectors_sdp \
		$(if $(filter-out $(PARSERS),$(FILES)),check-build)
	@CC='$(CC)' SAN='$(SAN)' B='$(B)' FILES='$(FILES)' PARSERS='$(PARSERS)' \
		MUTANTS='$(MUTANTS)' LEAST='$(LEAST)' OBJ_UNIT='$(UNIT_OBJ)' \
		OBJ_HELPERS='$(call obj,$(tests.HELPERS)) $(tests.TOOLOBJ)' \
		OBJ_FUZZ='$(call obj,$(fuzz.HELPERS))' OBJ_TOOLS='$(TOOL_OBJ)' \
		LIBS='$(LIBS) $(CHECK_LIBS) $(LDLIBS)' sh tests/mutate.sh

# -------------------------------------------------------------- install
# Those of the modules that are built; what includes a private header is
# private itself.
MODULE_HEADERS = $(shell grep -L '_priv\.h"' $(foreach m, \
	$(filter-out client,$(MODULES)),$(if $(strip $(call srcs,$(m))), \
	$(filter-out %_priv.h platform/sim/%, \
	$(wildcard $(m)/*.h $(m)/*/*.h)))))
# A folder where the loader does not look is told to what is linked there.
RPATH := $(if $(filter /usr /usr/local,$(PREFIX)),,-Wl,-rpath,$${libdir} )
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/lib/pkgconfig \
		$(DESTDIR)$(PREFIX)/include/parley $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 build/parley $(DESTDIR)$(PREFIX)/bin/parley
	install -m 644 $(B)/libparley.a $(B)/libparley-modules.a \
		$(DESTDIR)$(PREFIX)/lib/
	install -m 755 $(B)/libparley.so $(DESTDIR)$(PREFIX)/lib/libparley.so.$(VERSION)
	ln -sf libparley.so.$(VERSION) $(DESTDIR)$(PREFIX)/lib/libparley.so.0
	ln -sf libparley.so.0 $(DESTDIR)$(PREFIX)/lib/libparley.so
	install -m 644 client/parley.h $(DESTDIR)$(PREFIX)/include/parley/
	for h in $(MODULE_HEADERS); do install -D -m 644 $$h \
		$(DESTDIR)$(PREFIX)/include/parley/$$h || exit 1; done
	install -m 644 man/parley.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	for n in parley parley-modules; do \
		case $$n in parley) own='\nLibs.private:';; *) own=;; esac; \
		sed -e 's|@PREFIX@|$(PREFIX)|' -e "s|@PRIVATE@|$$own|" \
		-e 's|@VERSION@|$(VERSION)|' -e 's|@LIBS@|$(LIBS) $(LDLIBS)|' \
		-e 's|@RPATH@|$(RPATH)|' \
		-e "s|@NAME@|$$n|" client/parley.pc.in \
		> $(DESTDIR)$(PREFIX)/lib/pkgconfig/$$n.pc || exit 1; done
	@[ -n '$(DESTDIR)' ] || sh tools/loader.sh '$(PREFIX)'
uninstall:
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,bin/parley \
		lib/libparley.a lib/libparley-modules.a lib/libparley.so \
		lib/libparley.so.0 lib/libparley.so.$(VERSION) \
		lib/pkgconfig/parley.pc lib/pkgconfig/parley-modules.pc \
		share/man/man1/parley.1)
	rm -rf $(DESTDIR)$(PREFIX)/include/parley
	@[ -n '$(DESTDIR)' ] || sh tools/loader.sh '$(PREFIX)' gone

clean:
	rm -rf build

-include $(LIB_OBJ:.o=.d) $(UNIT_OBJ:.o=.d) $(patsubst %.o,%.d,$(TOOL_OBJ) \
	$(call obj,$(SIM_SRC) $(tests.PROGRAMS) $(FUZZ_NAMES:%=fuzz/fuzz_%.c)))
-include $(wildcard $(FB)/*/*.d $(FB)/*/*/*.d)
