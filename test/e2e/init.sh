#!/bin/sh
# The first process of a test host. It starts the services, waits until its standard input closes, which it
# does when the test stops the host and also when the test dies, and then takes everything down again.
#
#   init.sh DIRECTORY isolated|plain
#
# Isolated (as root, in mount and process namespaces of its own) the host has its own /run, /srv, /etc/caddy,
# /etc/containers, home and more, all from DIRECTORY/root; when this process ends the kernel ends every process
# that was started in there and forgets every mount. Where DIRECTORY/copies names folders, they are copies of this
# machine's in which what the host writes stays, and sshd reads /etc/ssh/sshd_config.
set -eu
directory=$1
mode=$2
root=$directory/root
log=$directory/log
PATH=$directory/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

if [ "$mode" = isolated ]; then
  mount -t tmpfs -o mode=755 tmpfs /run
  mkdir -p /run/sshd /run/lock
  if [ -e "$directory/copies" ]; then
    mkdir "$directory/copied"
    mount -t tmpfs tmpfs "$directory/copied"
    while read -r path; do
      own=$directory/copied$path
      mkdir -p "$own/upper" "$own/work"
      mount -t overlay overlay -o "lowerdir=$path,upperdir=$own/upper,workdir=$own/work" "$path"
    done <"$directory/copies"
    mkdir -p /etc/ssh/sshd_config.d
    rm -f /etc/ssh/sshd_config.d/*
    cp "$directory/ssh/sshd_config" /etc/ssh/sshd_config
  fi
  while read -r path; do
    mkdir -p "$root$path" "$path"
    mount --bind "$root$path" "$path"
  done <"$directory/mounts"
fi

sshd_config=$directory/ssh/sshd_config
if [ -e "$directory/copies" ]; then sshd_config=/etc/ssh/sshd_config; fi
"$(command -v sshd)" -D -e -f "$sshd_config" 2>"$log/sshd.log" &
sshd=$!

if [ -e "$root/etc/caddy/Caddyfile" ]; then
  HOME=$(cat "$directory/home") caddy run --config /etc/caddy/Caddyfile --adapter caddyfile >"$log/caddy.log" 2>&1 </dev/null &
fi

# Waiting for a child, rather than reading, lets the shell see to orphans as a first process must.
cat >/dev/null || true

if [ "$mode" = plain ]; then
  # The server shows no environment of its own; what its sessions left behind is known by the PATH.
  kill "$sshd" 2>/dev/null || true
  grep --files-with-matches --no-messages "PATH=$directory/bin:" /proc/[0-9]*/environ | while read -r environment; do
    pid=${environment#/proc/}
    kill "${pid%/environ}" 2>/dev/null || true
  done
  wait "$sshd" 2>/dev/null || true
elif [ -e "$root/etc/containers/containers.conf" ]; then
  podman rm --all --force --time 0 >"$log/teardown.log" 2>&1 || true
  podman network ls --quiet | while read -r network; do
    [ "$network" = podman ] || podman network rm --force "$network" >>"$log/teardown.log" 2>&1 || true
  done
fi
