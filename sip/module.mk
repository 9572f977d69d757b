# message, URIs
sip.PURE := sip/sip_hdr.c sip/sip_msg.c sip/sip_frame.c sip/sip_escape.c \
	sip/sip_uri.c sip/sip_tel.c sip/sip_via.c sip/sip_name_addr.c
# header values, RFC 3261 section 20
sip.PURE += sip/sip_param.c sip/sip_number.c sip/sip_cseq.c sip/sip_callid.c \
	sip/sip_tokens.c sip/sip_media_type.c sip/sip_auth.c sip/sip_accept.c \
	sip/sip_info.c sip/sip_date.c sip/sip_retry_after.c \
	sip/sip_timestamp.c sip/sip_warning.c sip/sip_disposition.c \
	sip/sip_text.c sip/sip_grammar.c sip/sip_check.c \
	sip/sip_body.c sip/sip_mask.c sip/sip_verdict.c
# offer/answer
sip.PURE += sip/sip_oa.c
sip.DOOR :=
sip.ENGINE := sip/sip_nict.c sip/sip_ict.c sip/sip_nist.c sip/sip_ist.c
sip.EDGE :=
# authentication
sip.ENGINE += sip/sip_digest.c sip/sip_digest_uas.c
# dialogs and the usages on them
sip.ENGINE += sip/sip_dialog.c sip/sip_exchange.c
# transport, transactions, dispatch, and their sockets
sip.EDGE += sip/sip_port.c
sip.PURE += sip/sip_flow.c sip/sip_key.c sip/sip_reason.c
sip.ENGINE += sip/sip_slots.c sip/sip_core.c sip/sip_core_out.c \
	sip/sip_core_transport.c sip/sip_core_in.c sip/sip_core_uac.c \
	sip/sip_core_uas.c sip/sip_core_response.c sip/sip_core_target.c
sip.ENGINE += sip/sip_dialogs.c sip/sip_users.c sip/sip_session.c \
	sip/sip_session_uac.c sip/sip_session_uas.c \
	sip/sip_session_auth.c
sip.ENGINE += sip/sip_register.c sip/sip_options.c
