#!/usr/bin/env bash
# build_ort_debug.sh: ONNX Runtime from source with debug information and Python bindings, in a virtual environment of
# its own, for `ortprof record --ort debug`. See docs/building-onnxruntime.md; the parts are in scripts/ort.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

usage() {
  cat <<'HELP'
usage: scripts/build_ort_debug.sh [--version X] [--config Debug|RelWithDebInfo] [--from git|debian|DIR] [...]

Builds ONNX Runtime with debug information and installs it in build/venv-<config>. On two cores, --from debian takes
some 40 minutes and 8 GB. Started again, it goes on where it stopped; when all is done, that takes seconds.

  --version X          ONNX Runtime's version (default: that of the installed wheel; from debian: the newest recipe's)
  --config CONFIG      Debug (-O0, to read source beside samples; the default) or RelWithDebInfo (true proportions)
  --from git           clone upstream by tag and run its build.sh (the default); needs the whole Internet
  --from debian        sources and dependencies as Debian packages, from the mirror in this machine's apt sources
  --from DIR           a source tree that is there already
  --repo URL           the repository that --from git clones: a mirror, a fork, a local one
  --python FILE        the interpreter to build for (default: .venv's, else python3)
  --build-dir DIR      where all of it goes (default: build/ in this repository)
  --jobs N             compilers at once (default: one a CPU, as far as memory goes)
  --frame-pointers     build with -fno-omit-frame-pointer, for `perf record --call-graph fp`
  --dry-run            print the commands; change nothing, ask nobody
  -h, --help           this text

Exit codes: 0 done, 1 a step failed, 2 bad usage, 3 the machine lacks something (a program, disk, network).
HELP
}

version='' config=Debug from=git repo=https://github.com/microsoft/onnxruntime.git python='' build='' jobs=''
frame_pointers=no dry_run=no

source "$here/ort/messages.sh"

parse() {
  local option
  while [ $# -gt 0 ]; do
    option=$1
    case $option in
      --version | --config | --from | --repo | --python | --build-dir | --jobs)
        [[ -n ${2:-} && $2 != --* ]] || die 2 "$option wants a value" "--help lists the options."
        option=${option#--}
        printf -v "${option/build-dir/build}" %s "$2"
        shift
        ;;
      --*=*)
        set -- "${option%%=*}" "${option#*=}" "${@:2}"
        continue
        ;;
      --frame-pointers) frame_pointers=yes ;;
      --dry-run) dry_run=yes ;;
      -h | --help) usage && exit ;;
      *) die 2 "unknown argument $option" "--help lists the options." ;;
    esac
    shift
  done
}

# Values that make no sense are refused before anything is looked at.
check_values() {
  case $config in
    Debug | RelWithDebInfo) ;;
    *) die 2 "--config $config is neither Debug nor RelWithDebInfo" ;;
  esac
  [[ -z $jobs || $jobs =~ ^[1-9][0-9]*$ ]] || die 2 "--jobs $jobs is not a number of jobs"
  [[ -z $version || $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] || die 2 "--version $version is not of the form 1.21.0"
}

# The versions that scripts/ort/recipes can build from Debian's packages, newest first.
recipe_versions() { find "$here/ort/recipes" -name '*.txt' -printf '%f\n' | sed 's/\.txt$//' | sort -Vr; }

choose_python() {
  [ -n "$python" ] || python=$here/../.venv/bin/python
  [ -x "$python" ] || [ "$python" != "$here/../.venv/bin/python" ] || python=python3
  command -v "$python" >/dev/null || die 2 "--python $python: no such program"
}

# Sets ort_source and version. A wheel's version is only asked for where nothing else names one. Debian's packages can
# build what there are recipes for, which is rarely the wheel's version.
choose_source() {
  if [[ $from != git && $from != debian ]]; then
    [ -d "$from" ] || die 2 "--from $from is neither git nor debian nor a folder"
    ort_source=$(realpath "$from")
    [[ -x $ort_source/build.sh && -r $ort_source/VERSION_NUMBER ]] ||
      die 2 "$from is no source tree of ONNX Runtime" "It would have build.sh and VERSION_NUMBER."
    [[ -z $version || $version = "$(<"$ort_source/VERSION_NUMBER")" ]] ||
      die 2 "$from has version $(<"$ort_source/VERSION_NUMBER"), not $version"
    version=$(<"$ort_source/VERSION_NUMBER")
    from=dir
  elif [[ -z $version && $from = debian ]]; then
    version=$(recipe_versions | head -n 1)
    say "ONNX Runtime $version: the newest with a recipe for Debian's packages; --version names another"
  elif [ -z "$version" ]; then
    version=$("$python" -c 'import importlib.metadata as m; print(m.version("onnxruntime"))' 2>/dev/null) ||
      die 2 "$python has no onnxruntime whose version could be the default" "Name one: --version 1.21.0"
  fi
  src=$build/src
  [ "$from" != debian ] || src=$build/src/onnxruntime-$version-debian
  [ "$from" != git ] || ort_source=$src/onnxruntime-$version
  [ "$from" != debian ] || ort_source=$src/onnxruntime
}

# A build tree belongs to one source: objects of two would be mixed.
claim_tree() {
  local owner=$ort_source/cmake
  [ ! -e "$tree/CMakeCache.txt" ] || owner=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$tree/CMakeCache.txt")
  [ "$owner" = "$ort_source/cmake" ] ||
    die 2 "$tree was built from ${owner%/cmake}" "Remove that folder, or build elsewhere with --build-dir DIR."
  [ "$dry_run" = no ] || return 0
  mkdir -p "$src" "$tree"
  exec {lock}>"$build/.lock"
  flock -n "$lock" || die 3 "another build is running in $build"
  start_log "ONNX Runtime $version, $config, from $ort_source with $python"
}

parse "$@"
check_values
build=$(realpath -m "${build:-$here/../build}")
choose_python
choose_source
# A virtual environment's interpreter stands for the one below it, which outlives it.
python=$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))')
readonly tree=$build/Linux/$config venv=$build/venv-${config,,} downloads=$build/downloads
log=/dev/null
source "$here/ort/checks.sh"
source "$here/ort/tools.sh"
source "$here/ort/debian.sh"
source "$here/ort/patches.sh"
source "$here/ort/upstream.sh"
source "$here/ort/cmake.sh"
source "$here/ort/venv.sh"
trap 'say "interrupted; the same command goes on where this stopped"; exit 130' INT TERM

say "ONNX Runtime $version, $config, from $ort_source into $venv"
check_machine
if [ "$from" = debian ]; then check_debian; elif [ "$from" = git ]; then check_git; fi
claim_tree
choose_flags
export NINJA_STATUS='[%f/%t] '
if [ "$from" = debian ]; then
  phase fetch fetch_debian
  phase tools make_tools
  phase configure configure
  phase compile compile
  phase wheel make_wheel
else
  if [ "$from" = git ]; then phase fetch fetch_git; fi
  phase tools make_tools
  phase build build_upstream
fi
phase venv make_venv
[ "$dry_run" = no ] || exit 0
say "done: $(library), $(($(stat -c %s "$(library)") >> 20)) MB. Profile it:"
elsewhere="ORTPROF_BUILD=$(printf %q "$build") "
[ "$build" != "$(realpath -m "$here/../build")" ] || elsewhere=''
say "  ${elsewhere}ortprof record --ort ${config,,} --config spin-on"
