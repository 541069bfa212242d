#!/bin/sh
# Everything that must hold: format and lint, types, unit tests, and (with root and Open vSwitch) the tests on real
# switches. The last line counts what the test runner counted.
set -eu
cd "$(dirname "$0")/.."
PATH="$PATH:/usr/sbin:/sbin"
export PATH

# What has to hold before there is anything to test.
must() {
  "$@" && return
  echo "✘ $*"
  echo "0 passed, 1 failed"
  exit 1
}

rm -rf dist
must sh scripts/prepare.sh
must npm run --silent lint

files='dist/test/**/*.test.js'
if [ "$(id -u)" != 0 ] || ! command -v ovs-vswitchd >/dev/null 2>&1; then
  files='dist/test/!(e2e)/**/*.test.js'
  echo "left out: test/e2e (needs root and Open vSwitch)"
fi
# The runner's status would be lost in a pipe; it is kept in a file of its own.
status=$(mktemp)
trap 'rm -f "$status"' EXIT
{
  code=0
  npx ava --tap "$files" || code=$?
  echo "$code" >"$status"
} | node scripts/tap-summary.js
exit "$(cat "$status")"
