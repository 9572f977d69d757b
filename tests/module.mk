# Programs of their own beside build/<variant>/unit; NAME.ARGS are arguments.
tests.HELPERS := tests/unit/worlds.c
tests.PROGRAMS :=
# A name server's answers, from a text.
tests.HELPERS += $(if $(call with,dns),tests/dns/zone.c tests/dns/nameserver.c)
tests.PROGRAMS += $(if $(call with,dns),tests/sim/sim_dns.c)
tests.SCRIPTS := tests/cxx.sh tests/gate.sh tests/program.sh tests/fault/disk.sh
# A name server, started by tests/program.sh.
tests.EXAMPLES := $(if $(call with,dns),$(B)/tests/dns/server)
# Calls are made of audio here.
tests.SKIP := $(if $(call with,media),,agent account account_duty account_reach negotiation session session_sdp \
	session_change session_locate room news redirect)
# Its certificates are real ones.
tests.SKIP += $(if $(call with,tls),,client_tls)
# Unit tests that are not named after one source file.
tests.EXTRA := reactor_udp reactor_tcp sim bytes $(if $(call with,tls),ws_tls) \
	$(if $(call with,media),applications states)

tests.HELPERS += tests/vectors/files.c
# Speech for the tests of media.
tests.HELPERS += tools/speech.c
tests.PROGRAMS += tests/vectors/vectors_sdp.c
tests/vectors/vectors_sdp.ARGS := tests/vectors/data/sdp
tests.HELPERS += $(if $(RTP)$(call with,dns),tests/vectors/pcap.c)
tests.PROGRAMS += $(if $(RTP),tests/vectors/vectors_rtp.c)
tests/vectors/vectors_rtp.ARGS := tests/vectors/data/rtp
tests.PROGRAMS += $(if $(call with,dns),tests/vectors/vectors_dns.c)
# Hosts of one link that publish and browse.
tests.PROGRAMS += $(if $(call with,dns),tests/sim/sim_mdns.c)
tests/vectors/vectors_dns.ARGS := tests/vectors/data/dns
tests.PROGRAMS += tests/vectors/vectors_sip.c
tests/vectors/vectors_sip.ARGS := tests/vectors/data/sip

# Usages of SIP that are none of the library's, in the simulated network.
tests.PROGRAMS += tests/sim/sim_usages.c
# A duty of an account that is none of the library's either.
tests.PROGRAMS += tests/sim/sim_duties.c
# Registrations through NATs, and many of them.
tests.PROGRAMS += tests/sim/sim_reach.c

# Scenarios of whole endpoints in the simulated network.
ifeq ($(call with,media),yes)
tests.HELPERS += tests/sim/actor.c tests/sim/scene.c tests/sim/wire.c \
	tests/sim/forker.c tests/sim/registrar.c tests/sim/desk.c
tests.PROGRAMS += tests/sim/sim_calls.c tests/sim/sim_thousand.c \
	tests/sim/sim_attack.c tests/sim/sim_program.c tests/sim/sim_stage.c \
	tests/sim/sim_address.c tests/sim/sim_bundle.c tests/sim/sim_forks.c tests/sim/sim_lines.c \
	tests/sim/sim_torture.c tests/sim/sim_ws.c tests/sim/sim_redirect.c tests/fault/fault_call.c
# Servers found by name.
tests.PROGRAMS += $(if $(call with,dns),tests/sim/sim_servers.c)
# Neighbours of one link, who call each other.
tests.PROGRAMS += $(if $(call with,dns),tests/sim/sim_bonjour.c)
# Calls by TLS: too many public keys for an emulator.
tests.PROGRAMS += $(if $(call with,tls),$(if $(EMULATOR),,tests/sim/sim_secure.c))
# A kind of stream that is none of the library's, without RTP.
tests.HELPERS += tests/sim/lines.c
tests/sim/sim_lines.TABLES := stream:stream_lines media:media_lines
tests/sim/sim_torture.ARGS := tests/vectors/data/sip fuzz/corpus
# Built, and started by tests/examples.sh.
tests.EXAMPLES += $(B)/tests/sim/desk_main
# The sanitizers and valgrind have a malloc of their own.
tests.PROGRAMS += $(if $(SAN)$(EMULATOR),,tests/fault/fault_libs.c)
endif
tests.HELPERS += $(if $(call with,tls),tests/certs/certs.c)
ifeq ($(call with,tls),yes)
tests.PROGRAMS += $(if $(SAN)$(EMULATOR),,tests/fault/fault_tls.c)
endif
