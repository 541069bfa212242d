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

# Clusters in namespaces mostly wait, everything else mostly computes: they run beside each other, of like length. Tests
# of clusters that measure no loss, rate or delay are with the rest.
beside="openflow|ovsdb|attach|cni|commands|demo|lab|broken|execution|groups|dhcp|drift|empty|flow-|foreign|forgery|recorded"
computing="dist/test/!(e2e)/**/*.test.js dist/test/*.test.js"
clusters=""
if [ "$(id -u)" = 0 ] && command -v ovs-vswitchd >/dev/null 2>&1; then
  computing="$computing dist/test/e2e/@($beside)*.test.js"
  clusters="dist/test/e2e/!($beside)*.test.js"
else
  echo "left out: test/e2e (needs root and Open vSwitch)"
fi

# The runner's status would be lost in a pipe; it is kept in files, as is the output of what runs beside.
kept=$(mktemp -d)
trap 'rm -rf "$kept"' EXIT
runner() {
  code=0
  # shellcheck disable=SC2086 # several patterns, which the runner expands
  (set -f && npx ava --tap $2) || code=$?
  echo "$code" >"$kept/$1.status"
}
{
  runner computing "$computing" >"$kept/computing.tap" &
  [ -z "$clusters" ] || runner clusters "$clusters"
  wait
  cat "$kept/computing.tap"
} | node scripts/tap-summary.js
for status in "$kept"/*.status; do [ "$(cat "$status")" = 0 ] || exit 1; done
