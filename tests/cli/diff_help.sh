#!/bin/sh
# diff_help.sh - --help and --version of belay-diff
belay-diff --help
belay-diff --version | sed '1s/[0-9].*/VERSION/'
