#!/bin/sh
# The mutation check: make mutate and make mutate-all, for which MUTANTS=all or a
# number (200, 100) and FILES="sip/msg/sip_uri.c ..." may be given.  Needs what the
# Makefile sets.
set -eu
exec python3 tests/mutate.py
