platform.PURE := platform/slice.c platform/scan.c platform/writer.c \
	platform/addr.c platform/limits.c
platform.DOOR := platform/crypto.c
LIBS += -lmbedcrypto
NEEDS += libmbedtls-dev:mbedtls/version.h:-lmbedcrypto:
platform.ENGINE := platform/mem.c platform/wheel.c
platform.ENGINE += platform/htab.c platform/drbg.c platform/digest.c
platform.EDGE := platform/mem_libc.c

# The reactor in the real world; the simulated one is a library of its own that
# is not installed.
platform.EDGE += platform/reactor.c $(addprefix platform/poll/, \
	reactor_poll.c sock_poll.c udp_poll.c tcp_poll.c host_poll.c)
platform.SIM := $(addprefix platform/sim/,sim_world.c sim_link.c sim_host.c \
	sim_udp.c sim_tcb.c sim_tcp.c sim_nat.c)
platform.EDGE += platform/job.c platform/log.c platform/netwatch.c
platform.EDGE += $(addprefix platform/store/,store.c store_file.c store_mem.c)
platform.PURE += platform/pcapng.c platform/mime.c platform/stun.c
platform.EDGE += platform/trace.c
platform.PURE += platform/base64.c platform/http/http_msg.c \
	platform/http/ws_frame.c
platform.ENGINE += platform/http/ws_hello.c platform/http/ws.c
platform.EDGE += platform/http/ws_stream.c

ifeq ($(call with,tls),yes)
platform.PURE += $(addprefix platform/tls/,der.c pem.c cert.c cert_check.c)
platform.DOOR += $(addprefix platform/tls/,tls_conf.c tls.c tls_secrets.c)
platform.EDGE += platform/tls/tls_stream.c
# These stand on the one above, and are named before it.
LIBS := -lmbedtls -lmbedx509 $(LIBS)
NEEDS += libmbedtls-dev:mbedtls/ssl.h:-lmbedtls:tls
endif
