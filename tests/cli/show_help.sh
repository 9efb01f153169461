#!/bin/sh
# show_help.sh - belay-show --help and --version
belay-show --help
belay-show --version
belay-show --tree --version --bogus | head -n 1
