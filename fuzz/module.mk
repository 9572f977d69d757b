fuzz.HELPERS :=
fuzz.SKIP :=
fuzz.SKIP += $(if $(call with,media),,wav tone opus_fmtp plc codec_opus graph audio_stream agent session_sdp consent)
fuzz.SKIP += $(if $(RTP),,rtcp $(patsubst fuzz/fuzz_%.c,%, \
	$(wildcard fuzz/fuzz_rtp_*.c)))
