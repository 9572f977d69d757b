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
platform.EDGE += platform/reactor.c platform/reactor_poll.c \
	platform/sock_poll.c platform/udp_poll.c platform/tcp_poll.c \
	platform/host_poll.c
platform.SIM := platform/sim_world.c platform/sim_link.c platform/sim_host.c \
	platform/sim_udp.c platform/sim_tcb.c platform/sim_tcp.c
platform.EDGE += platform/job.c platform/log.c platform/store.c \
	platform/store_file.c platform/store_mem.c
platform.PURE += platform/pcapng.c platform/mime.c
platform.EDGE += platform/trace.c
