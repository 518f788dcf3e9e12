# shellcheck shell=bash
# What a build needs of the machine; all of it is checked before anything is fetched.

# 1.21.0 in Debug took 8.4 GB (docs/building-onnxruntime.md); RelWithDebInfo's debug information is the larger one.
readonly disk_mb=12000
# The largest translation unit (element_wise_ops.cc) takes this much.
readonly memory_mb_per_job=2300

check_machine() {
  check_programs
  check_python
  check_disk
  check_memory
}

check_programs() {
  local program missing=()
  local -A package=([c++]=g++ [flock]=util-linux [git]=git [patch]=patch [apt-get]=apt [dpkg-deb]=dpkg)
  local wanted=("${CXX:-c++}" flock)
  case $from in
    debian) wanted+=(apt-get dpkg-deb patch) ;;
    *) wanted+=(git) ;;
  esac
  for program in "${wanted[@]}"; do
    command -v "$program" >/dev/null || missing+=("${package[$program]:-$program}")
  done
  [ ${#missing[@]} -eq 0 ] || die 3 "this machine lacks: ${missing[*]}" "On Debian and Ubuntu: apt-get install ${missing[*]}"
  for program in ccache mold; do
    command -v "$program" >/dev/null || say "note: without $program this takes longer; apt-get install $program"
  done
}

check_python() {
  "$python" - <<'PY' || die 3 "$python can't build extension modules" "Its headers and venv are needed; on Debian and Ubuntu: apt-get install python3-dev python3-venv"
import ensurepip, pathlib, sys, sysconfig, venv
sys.exit(not pathlib.Path(sysconfig.get_path("include"), "Python.h").exists())
PY
}

# existing FOLDER: the nearest folder above that exists
existing() {
  local folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname "$folder"); done
  echo "$folder"
}

# What an earlier run has made does not have to fit again.
check_disk() {
  local free made
  free=$(df --output=avail -m "$(existing "$build")" | tail -n 1 | tr -d ' ')
  made=$(folder_mb "$src" "$tree")
  [ $((free + made)) -ge "$disk_mb" ] ||
    die 3 "$build has $free MB free; a $config build takes $disk_mb MB" "--build-dir DIR builds on another disk."
}

check_memory() {
  local available most
  available=$(($(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo) / 1024))
  most=$((available / memory_mb_per_job > 0 ? available / memory_mb_per_job : 1))
  if [ -z "$jobs" ]; then
    jobs=$(nproc)
    [ "$jobs" -le "$most" ] || jobs=$most
  elif [ "$jobs" -gt "$most" ]; then
    say "note: $jobs compilers at once want $((jobs * memory_mb_per_job)) MB and $available MB are available; --jobs $most is safe"
  fi
}
