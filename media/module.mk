# Codec rows stand in order of preference; kinds of devices likewise.
ifeq ($(call with,media),yes)
media.PURE := $(addprefix media/codec/,g711.c plc.c opus_fmtp.c)
media.PURE += $(addprefix media/,level.c wav.c tone.c)
media.DOOR :=
media.ENGINE := $(addprefix media/codec/,codec.c codec_pcm.c)
media.ENGINE += $(addprefix media/,resample.c resample_sinc.c measure.c \
	graph.c player.c recorder.c audio_stream.c audio_stream_send.c \
	audio_stream_recv.c)
media.EDGE := media/media_clock.c media/wav_file.c
media.EDGE += $(addprefix media/device/,device.c device_null.c device_wav.c)
endif

TABLE_ALL += codec:codec resampler:resampler device:device_kind

ifeq ($(call with,opus),yes)
media.DOOR += media/codec/codec_opus.c
TABLES += codec:codec_opus
LIBS += -lopus
NEEDS += libopus-dev:opus/opus.h:-lopus:opus
endif
ifeq ($(call with,media),yes)
TABLES += codec:codec_pcmu codec:codec_pcma codec:codec_l16_16 \
	codec:codec_l16_44
endif
ifeq ($(call with,speexdsp),yes)
media.DOOR += media/resample_speex.c
TABLES += resampler:resampler_speex
LIBS += -lspeexdsp
NEEDS += libspeexdsp-dev:speex/speex_resampler.h:-lspeexdsp:speexdsp
endif
ifeq ($(call with,media),yes)
TABLES += resampler:resampler_sinc
endif
ifeq ($(call with,alsa),yes)
media.EDGE += media/device/device_alsa.c
TABLES += device:device_alsa
LIBS += -lasound
NEEDS += libasound2-dev:alsa/asoundlib.h:-lasound:alsa
endif
ifeq ($(call with,media),yes)
TABLES += device:device_null device:device_wav
endif

# Loops over samples are made vector code.
media/codec/g711.CFLAGS := -O3
media/level.CFLAGS := -O3
media/resample_sinc.CFLAGS := -O3
media/graph.CFLAGS := -O3
media/measure.CFLAGS := -O3
