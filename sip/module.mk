sip.PURE :=
sip.DOOR :=
sip.ENGINE := sip/sip_nict.c sip/sip_ict.c sip/sip_nist.c sip/sip_ist.c
sip.EDGE :=
