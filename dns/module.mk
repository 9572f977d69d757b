ifeq ($(call with,dns),yes)
dns.PURE := dns/dns_name.c dns/dns_msg.c dns/dns_write.c dns/dns_conf.c \
	dns/dns_reply.c dns/dns_service.c dns/dns_sd.c dns/mdns_rr.c
dns.DOOR :=
dns.ENGINE := dns/dns_cache.c dns/dns_resolver.c dns/dns_srv.c \
	dns/dns_locate.c dns/mdns.c dns/mdns_own.c dns/mdns_answer.c \
	dns/mdns_cache.c dns/mdns_browse.c
dns.EDGE := dns/dns_port.c dns/mdns_port.c
endif
