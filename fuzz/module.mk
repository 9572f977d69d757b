fuzz.HELPERS :=
fuzz.SKIP :=
fuzz.SKIP += $(if $(call with,media),,wav opus_fmtp plc codec_opus graph audio_stream)
