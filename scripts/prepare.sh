#!/bin/sh
# Brings a fresh checkout to where it can run: Debian packages, npm packages, the build. Says what it does; does
# nothing that is done already. Without root or apt the Debian packages are left out, and that is said.
set -eu
cd "$(dirname "$0")/.."

say() { printf '%s\n' "prepare: $*" >&2; }

packages=""
need() { command -v "$1" >/dev/null 2>&1 || packages="$packages $2"; }
PATH="$PATH:/usr/sbin:/sbin"
export PATH
need ovs-vswitchd openvswitch-switch
need ovs-ofctl openvswitch-common
need ip iproute2
need ping iputils-ping
need ethtool ethtool
need sysctl procps
need tcpdump tcpdump
need traceroute traceroute
need iperf3 iperf3
need lldpd lldpd
need udhcpc udhcpc
need dhclient isc-dhcp-client
need dnsmasq dnsmasq-base

if [ -n "$packages" ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    say "installing Debian packages:$packages"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $packages >/dev/null
  else
    say "missing:$packages (not root, or no apt-get): what needs Open vSwitch is left out"
  fi
fi

# What is installed is what this copy of the lock file says.
installed=node_modules/.installed-lock.json
if ! cmp -s package-lock.json "$installed"; then
  say "installing npm packages"
  npm ci --include=dev --no-audit --no-fund --loglevel=error >&2
  cp package-lock.json "$installed"
fi

say "building"
npm run --silent build
