sdp.PURE :=
sdp.DOOR :=
sdp.ENGINE :=
sdp.EDGE :=
