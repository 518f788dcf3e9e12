# shellcheck shell=bash
# What the user reads: one line an error, a line a phase, a progress line; everything else goes to the log.

say() { echo "$*" >&2; }

# die STATUS MESSAGE [HINT]: 2 for bad usage, 3 for what this machine lacks, 1 for a step that failed.
die() {
  echo "error: $2" >&2
  [ $# -lt 3 ] || echo "  $3" >&2
  exit "$1"
}

# human SECONDS: 75 -> "1 min 15 s"
human() {
  if [ "$1" -lt 60 ]; then echo "$1 s"; else echo "$(($1 / 60)) min $(($1 % 60)) s"; fi
}

# folder_mb FOLDER...: what those that exist take on disk
folder_mb() {
  local folder folders=()
  for folder in "$@"; do [ ! -d "$folder" ] || folders+=("$folder"); done
  if [ ${#folders[@]} -eq 0 ]; then echo 0; else du -smc "${folders[@]}" | tail -n 1 | cut -f1; fi
}

start_log() {
  mkdir -p "$build"
  log=$build/build-${config,,}.log
  printf '%s\t%s\n' "$(date -u +%FT%TZ)" "$*" >>"$log"
  log_start=$(wc -l <"$log")
}

# phase NAME FUNCTION: run a step; say how long it took and what it added to the build folder, here and in the log.
phase() {
  local started=$SECONDS before line
  phase_name=$1
  if [ "$dry_run" = yes ]; then
    say "$1:"
    "$2"
    return
  fi
  before=$(folder_mb "$build")
  "$2"
  line=$(printf '%-10s %13s %+7d MB' "$1" "$(human $((SECONDS - started)))" $(($(folder_mb "$build") - before)))
  say "$line"
  printf '%s\tphase %s\n' "$(date -u +%FT%TZ)" "$line" >>"$log"
}

# run COMMAND...: what it prints goes to the log, ninja's progress to the terminal; ends the script when it fails.
# A dry run prints the command, so that it can be pasted into a shell.
run() {
  local status=0
  if [ "$dry_run" = yes ]; then
    say " $(printf ' %q' "$@")"
    return
  fi
  echo "+$(printf ' %q' "$@")" >>"$log"
  "$@" 2>&1 | tee -a "$log" | progress || status=$?
  [ "$status" -ne 0 ] || return 0
  tail -n "+$log_start" "$log" | grep -E '(error|Error): |^FAILED: |^E: ' | tail -n 3 | cut -c1-200 | sed 's/^/  /' >&2 || true
  die 1 "$phase_name failed" "The whole log is in $log. The same command goes on where this one stopped."
}

# progress: from lines like "[12/345] Building x" one that is rewritten on a terminal, a new one at each 5 % elsewhere.
progress() {
  local line at total percent shown=-1 started=$SECONDS
  while IFS= read -r line; do
    [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
    at=${BASH_REMATCH[1]} total=${BASH_REMATCH[2]}
    [ "$at" -gt 0 ] || continue # ninja has not counted yet
    percent=$((100 * at / (total > 0 ? total : 1)))
    line="$phase_name: $at of $total ($percent %), $(human $((SECONDS - started)))"
    if [ -t 2 ]; then
      printf '\r\033[K%s' "$line" >&2
    elif [ $((percent / 5)) -ne "$shown" ]; then
      shown=$((percent / 5))
      say "$line"
    fi
  done
  [ ! -t 2 ] || printf '\r\033[K' >&2
}
