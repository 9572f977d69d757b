tools.SRC :=
