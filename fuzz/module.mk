fuzz.HELPERS :=
fuzz.SKIP :=
