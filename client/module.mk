# A kind of stream is a row for SDP (stream_*) and one for media (media_*).
client.PURE := client/agent_line.c
client.DOOR :=
client.ENGINE := client/settings.c client/settings_table.c client/stream.c \
	client/negotiation.c \
	client/account.c client/account_duty.c client/account_reach.c \
	client/duty_register.c \
	client/agent.c client/session.c client/session_stream.c \
	client/session_caller.c client/session_callee.c \
	client/session_change.c client/session_sdp.c client/session_legs.c client/session_locate.c \
	client/session_warn.c client/session_out.c client/said.c client/room.c \
	client/extra.c client/news.c client/redirect.c client/agent_network.c client/session_move.c
client.EDGE := client/event.c client/client_port.c client/client_media.c client/client_network.c \
	client/client_tls.c client/parley.c \
	client/sip_log.c

TABLE_ALL += bonjour:bonjour_ops stream:stream_kind media:media_kind transport:transport_ops \
	audio:audio_ops

ifeq ($(call with,media),yes)
client.ENGINE += client/stream_audio.c client/consent.c
client.EDGE += client/media_audio.c client/audio_session.c \
	client/audio_route.c client/transport_rtp.c
TABLES += stream:stream_audio media:media_audio transport:transport_rtp \
	audio:audio_media_ops
endif

# Neighbours of the link are found by multicast DNS.
ifeq ($(call with,dns),yes)
client.ENGINE += client/neighbours.c
client.EDGE += client/client_bonjour.c
TABLES += bonjour:bonjour_mdns
endif
