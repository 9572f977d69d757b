platform.PURE := platform/slice.c platform/scan.c platform/writer.c \
	platform/addr.c platform/limits.c
platform.DOOR :=
platform.ENGINE := platform/mem.c platform/wheel.c
platform.EDGE := platform/mem_libc.c
