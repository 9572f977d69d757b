RTP := $(call with,rtp)
rtp.PURE := $(if $(RTP),rtp/rtp_packet.c rtp/rtcp.c rtp/rtp_event.c \
	rtp/rtp_mos.c)
rtp.DOOR :=
rtp.ENGINE := $(if $(RTP),rtp/rtp_seq.c rtp/rtp_dtmf.c rtp/rtp_jitter.c \
	rtp/rtp_session.c rtp/rtp_session_rtcp.c \
	rtp/rtp_latch.c rtp/rtp_breaker.c rtp/rtp_symmetric.c \
	rtp/rtp_stage.c rtp/rtp_route.c rtp/rtp_transport.c)
rtp.EDGE := $(if $(RTP),rtp/rtp_port.c)
