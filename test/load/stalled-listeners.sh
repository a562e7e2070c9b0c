#!/bin/sh
# Runs the program in a network namespace where the kernel hides little of a stalled listener's audio.
set -eu
cd "$(dirname "$0")/../.."
as_root=$([ "$(id -u)" = 0 ] || echo --map-root-user)
exec unshare --net $as_root sh -c '
  ip link set lo up
  sysctl -qw net.ipv4.tcp_notsent_lowat=131072
  exec node_modules/.bin/bun test/load/stalled-listeners.ts "$@"
' sh "$@"
