#!/bin/sh
# A demonstration on this machine: installs what is missing, brings a cluster up, shows who can reach whom, cleans up.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin"
export PATH
sh scripts/prepare.sh
exec node dist/src/demo/main.js "$@"
