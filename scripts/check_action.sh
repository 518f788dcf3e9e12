#!/usr/bin/env bash
# check_action.sh: what the GitHub Action (action.yml) runs: `ortprof record` for both sides in turn, then `ortprof check`.
# The action's inputs come as environment variables of their names, lists with an item a line. They are arguments, in
# arrays: nothing of them is evaluated by a shell. Exit codes are those of `ortprof check` (docs/ci.md).
set -euo pipefail

# items ARRAY TEXT: add the lines of TEXT that are not blank to ARRAY.
items() {
  local -n into=$1
  local line
  while IFS= read -r line; do
    [[ -z ${line//[[:space:]]/} ]] || into+=("$line")
  done <<<"$2"
}

[[ ${ROUNDS:-} =~ ^[1-9][0-9]{0,2}$ ]] || {
  echo "error: rounds is a number from 1 to 999" >&2
  exit 2
}
record=() record_baseline=() runs=() baseline=()
items record "${RECORD:-}"
items record_baseline "${RECORD_BASELINE:-}"
items runs "${RUNS:-}"
items baseline "${BASELINE:-}"
[ ${#record_baseline[@]} -eq 0 ] || baseline=(ortprof/before)

for ((round = 1; round <= ROUNDS; round++)); do
  # CI machines need no perf: what is checked is measured with nothing attached. An option of the input's own goes last.
  [ ${#record_baseline[@]} -eq 0 ] || ortprof record --profile=0 "${record_baseline[@]}" --reports=ortprof/before
  [ ${#record[@]} -eq 0 ] || ortprof record --profile=0 "${record[@]}" --reports=ortprof/now
done

options=("--junit=${JUNIT:-ortprof.xml}" "--markdown=${GITHUB_STEP_SUMMARY:?is where GitHub shows a summary}")
for bound in MAX_CPU_INCREASE MAX_P95_INCREASE MAX_CPU_MS MAX_P95_MS MAX_CPU_PERCENT MAX_SPIN_SHARE; do
  option=${bound//_/-}
  [ -z "${!bound:-}" ] || options+=("--${option,,}=${!bound}")
done
for one in "${baseline[@]}"; do options+=("--baseline=$one"); done
ortprof check "${options[@]}" -- "${runs[@]}"
