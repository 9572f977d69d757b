client.PURE :=
client.DOOR :=
client.ENGINE :=
client.EDGE :=
