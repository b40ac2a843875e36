#!/bin/sh
# Takes SSH and the firewall back after so many seconds, unless somebody who still gets in takes the mark away.
# Runbook {{id}}. The mark holds the number of the timer that counts, so a timer of an earlier try ends without a word.
set -u
mark=/run/vibeops-way-back
echo "$$" >"$mark"
sleep "$1"
[ "$(cat "$mark" 2>/dev/null)" = "$$" ] || exit 0

rules=/etc/ssh/sshd_config.d/00-vibeops.conf
kept=/var/lib/vibeops/{{id}}$rules
if [ -e "$kept" ]; then cp -p "$kept" "$rules"; else rm -f "$rules"; fi
systemctl restart '{{SSH_UNIT}}.service'
if command -v nft >/dev/null 2>&1; then nft delete table inet vibeops_host 2>/dev/null; fi
rm -f "$mark"
