#!/bin/sh
# The mutation check: make mutate, for which MUTANTS=all or a number (200) and
# FILES="sip/sip_uri.c ..." may be given.  Needs what the Makefile sets.
set -eu
exec python3 tests/mutate.py
