tools.SRC :=

# The speech that the demo sends, taken into the program (tools/speech.c).
tools.SRC += tools/speech.c
$(B)/tools/speech.o: tools/speech.wav
