ifeq ($(call with,dns),yes)
dns.PURE := dns/dns_name.c dns/dns_msg.c dns/dns_write.c
dns.DOOR :=
dns.ENGINE :=
dns.EDGE :=
endif
