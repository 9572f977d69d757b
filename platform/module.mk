platform.PURE := platform/slice.c platform/scan.c platform/writer.c \
	platform/addr.c platform/limits.c
platform.DOOR := platform/crypto.c
LIBS += -lmbedcrypto
platform.ENGINE := platform/mem.c platform/wheel.c
platform.ENGINE += platform/htab.c platform/drbg.c platform/digest.c
platform.EDGE := platform/mem_libc.c
