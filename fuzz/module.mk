# Seeds by hand have names; found-* is what half a minute of libFuzzer a target
# found beyond them, the few of up to 1 kB that reach most (-merge=1).
fuzz.HELPERS :=
fuzz.SKIP :=
fuzz.SKIP += $(if $(call with,tls),,cert tls)
fuzz.SKIP += $(if $(call with,media),,wav tone opus_fmtp plc codec_opus graph audio_stream agent session_sdp consent)
fuzz.SKIP += $(if $(RTP),,rtcp $(patsubst fuzz/fuzz_%.c,%, \
	$(wildcard fuzz/fuzz_rtp_*.c)))
fuzz.SKIP += $(if $(call with,dns),,mdns $(patsubst fuzz/fuzz_%.c,%, \
	$(wildcard fuzz/fuzz_dns_*.c)))
