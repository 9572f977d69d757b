media.PURE :=
media.DOOR :=
media.ENGINE :=
media.EDGE :=
