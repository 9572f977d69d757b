client.PURE :=
client.DOOR :=
client.ENGINE := client/settings.c
client.EDGE :=
