# The parley program: one file a sub-command; main.c alone knows the process.
tools.SRC := tools/main.c tools/tool.c tools/tool_agent.c tools/registration.c \
	tools/calls.c tools/calls_audio.c tools/calls_keys.c tools/calls_show.c tools/cmd_call.c \
	tools/cmd_listen.c tools/cmd_register.c tools/cmd_decode.c tools/cmd_bench.c \
	tools/show.c tools/decode_sip.c tools/decode_sdp.c tools/decode_http.c

TOOL_TABLE_ALL += command:command decoder:decoder bench:bench
TOOL_TABLES += command:cmd_call command:cmd_listen command:cmd_register \
	command:cmd_decode command:cmd_bench
TOOL_TABLES += decoder:decode_sip decoder:decode_uri decoder:decode_sdp
TOOL_TABLES += decoder:decode_http decoder:decode_websocket

ifeq ($(call with,rtp),yes)
tools.SRC += tools/decode_rtp.c
TOOL_TABLES += decoder:decode_rtp decoder:decode_rtcp
endif

ifeq ($(call with,media),yes)
tools.SRC += tools/cmd_demo.c tools/speech.c tools/bench_media.c
TOOL_TABLES += command:cmd_demo bench:bench_media
endif

ifeq ($(call with,dns),yes)
tools.SRC += tools/decode_dns.c tools/cmd_lookup.c tools/cmd_neighbours.c
TOOL_TABLES += decoder:decode_dns command:cmd_lookup command:cmd_neighbours
endif

ifeq ($(call with,tls),yes)
tools.SRC += tools/bench_tls.c
TOOL_TABLES += bench:bench_tls
endif
