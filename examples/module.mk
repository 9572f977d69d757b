# Each example is one file, built with nothing but what is installed.
examples := $(if $(call with,media),ua answer foreign_loop) parse
EXAMPLES := $(examples:%=$(B)/examples/%)
EX_CFLAGS = $(OPT) -Iclient -I. -Wall -Wextra -Werror \
	$(if $(SAN),-fsanitize=$(SAN)) $(if $(COVERAGE),--coverage)

$(EXAMPLES): $(B)/examples/%: examples/%.c $(B)/libparley.a \
		$(B)/libparley-modules.a
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(EX_CFLAGS) $(LDFLAGS) -o $@ $< \
		$(B)/libparley$(if $(filter parse,$*),-modules).a \
		$(LIBS) $(LDLIBS)

tests.EXAMPLES += $(EXAMPLES)
tests.SCRIPTS += tests/examples.sh
