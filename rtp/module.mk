rtp.PURE :=
rtp.DOOR :=
rtp.ENGINE :=
rtp.EDGE :=
