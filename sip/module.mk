# messages, URIs
sip.PURE := $(addprefix sip/msg/,sip_msg.c sip_frame.c sip_escape.c sip_uri.c \
	sip_tel.c sip_check.c sip_body.c sip_mask.c sip_verdict.c)
# headers and their values, RFC 3261 section 20
sip.PURE += $(addprefix sip/hdr/,sip_hdr.c sip_via.c sip_name_addr.c \
	sip_param.c sip_number.c sip_cseq.c sip_callid.c sip_tokens.c \
	sip_media_type.c sip_auth.c sip_accept.c sip_info.c sip_date.c \
	sip_retry_after.c sip_timestamp.c sip_warning.c sip_disposition.c \
	sip_text.c sip_grammar.c)
# transport, transactions, dispatch
sip.PURE += $(addprefix sip/core/,sip_flow.c sip_key.c sip_reason.c)
sip.ENGINE := $(addprefix sip/core/,sip_nict.c sip_ict.c sip_nist.c sip_ist.c \
	sip_slots.c sip_core.c sip_core_out.c sip_core_transport.c \
	sip_core_in.c sip_core_uac.c sip_core_uas.c sip_core_response.c \
	sip_core_target.c sip_core_hops.c sip_core_keep.c sip_whom.c)
# authentication, dialogs, one request, and the usages
sip.PURE += sip/usage/sip_oa.c sip/usage/sip_binding.c
sip.ENGINE += $(addprefix sip/usage/,sip_digest.c sip_digest_uas.c \
	sip_dialog.c sip_exchange.c sip_dialogs.c sip_users.c sip_session.c \
	sip_session_uac.c sip_session_uas.c sip_session_bye.c \
	sip_session_auth.c sip_session_move.c sip_register.c sip_options.c)
sip.DOOR :=
# the core and its usages on a reactor
sip.EDGE := sip/sip_port.c sip/sip_ws.c

TABLE_ALL += lookup:sip_lookup_ops secure:sip_secure_ops
ifeq ($(call with,dns),yes)
sip.EDGE += sip/sip_lookup_dns.c
TABLES += lookup:sip_lookup_dns
endif
ifeq ($(call with,tls),yes)
sip.EDGE += sip/sip_secure_tls.c
TABLES += secure:sip_secure_tls
endif
