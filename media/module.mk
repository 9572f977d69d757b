# Codec rows stand in order of preference; kinds of devices likewise.
media.PURE := $(if $(call with,media),media/g711.c media/level.c media/plc.c \
	media/opus_fmtp.c media/wav.c media/tone.c)
media.DOOR :=
media.ENGINE := $(if $(call with,media),media/codec.c media/codec_pcm.c \
	media/resample.c media/resample_sinc.c media/measure.c media/graph.c media/player.c media/recorder.c \
	media/audio_stream.c media/audio_stream_send.c media/audio_stream_recv.c)
media.EDGE := $(if $(call with,media),media/media_clock.c media/wav_file.c \
	media/device.c media/device_null.c media/device_wav.c)

TABLE_ALL += codec:codec resampler:resampler device:device_kind

ifeq ($(call with,opus),yes)
media.DOOR += media/codec_opus.c
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
media.EDGE += media/device_alsa.c
TABLES += device:device_alsa
LIBS += -lasound
NEEDS += libasound2-dev:alsa/asoundlib.h:-lasound:alsa
endif
ifeq ($(call with,media),yes)
TABLES += device:device_null device:device_wav
endif

# Loops over samples are made vector code.
media/g711.CFLAGS := -O3
media/level.CFLAGS := -O3
media/resample_sinc.CFLAGS := -O3
media/graph.CFLAGS := -O3
media/measure.CFLAGS := -O3
