RTP := $(call with,rtp)
rtp.PURE := $(if $(RTP),rtp/rtp_packet.c rtp/rtcp.c rtp/rtp_event.c \
	rtp/rtp_mos.c)
rtp.DOOR :=
rtp.ENGINE := $(if $(RTP),rtp/rtp_seq.c rtp/rtp_dtmf.c)
rtp.EDGE :=
