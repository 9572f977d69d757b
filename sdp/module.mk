sdp.PURE := sdp/sdp.c sdp/sdp_attr.c sdp/sdp_offer.c
sdp.DOOR :=
sdp.ENGINE :=
sdp.EDGE :=
