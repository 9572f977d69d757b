sip.PURE :=
sip.DOOR :=
sip.ENGINE :=
sip.EDGE :=
