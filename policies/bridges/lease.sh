#!/bin/sh
# What udhcpc runs: takes a lease over into the device and prints it. Leaves files of the machine alone.
case $1 in
  deconfig)
    ip -4 addr flush dev "$interface"
    ;;
  bound | renew)
    ip addr replace "$ip/$mask" broadcast "${broadcast:-+}" dev "$interface"
    [ -z "$mtu" ] || ip link set "$interface" mtu "$mtu"
    [ -z "$router" ] || ip route replace default via "$router"
    echo "$1 address=$ip/$mask router=$router dns=$dns domain=$domain mtu=$mtu hostname=$hostname lease=$lease routes=$staticroutes server=$serverid"
    ;;
  *)
    echo "$1 $message"
    ;;
esac
