#!/bin/sh
# Backs up, thins out and reads some of it again; restic-backup.timer runs it. Runbook {{id}}.
set -eu
export RESTIC_REPOSITORY='{{REPOSITORY}}'
export RESTIC_PASSWORD_FILE='{{PASSWORD_FILE}}'
restic backup --quiet --tag scheduled -- '{{DATA}}'
restic forget --quiet --tag scheduled --keep-daily 7 --keep-weekly 5 --keep-monthly 12 --prune
restic check --quiet --read-data-subset=5%
