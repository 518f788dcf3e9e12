# shellcheck shell=bash
# --from git and --from DIR: upstream's own build.sh does the work. Its dependencies come from the network.

# Ask for the tag before anything is written: an unknown version and no network are different errors.
check_git() {
  local status=0
  [[ $dry_run = no && ! -d $ort_source ]] || return 0
  git ls-remote --exit-code "$repo" "refs/tags/v$version" >/dev/null 2>&1 || status=$?
  case $status in
    0) ;;
    2) die 2 "$repo has no tag v$version" "The newest there: $(newest_tags)" ;;
    *) die 3 "$repo can't be reached" "--repo URL names a mirror; --from debian needs a Debian mirror only." ;;
  esac
}

newest_tags() {
  git ls-remote --tags --refs "$repo" 'v*' | sed 's|.*refs/tags/v||' | sort -Vr | head -n 5 | paste -sd' '
}

# Cloned under another name first, so that a folder of this name is complete.
fetch_git() {
  [ ! -d "$ort_source" ] || return 0
  rm -rf "$src/.new"
  run git clone --quiet --branch "v$version" --depth 1 --recurse-submodules --shallow-submodules "$repo" "$src/.new"
  run mv "$src/.new" "$ort_source"
}

# The article's command line, and what makes it fit this machine.
build_command() {
  local defines=("CMAKE_C_FLAGS=$flags" "CMAKE_CXX_FLAGS=$flags" "${speed[@]}")
  command=(
    "$ort_source/build.sh" --build_dir "$build/Linux"
    --config "$config" --build_shared_lib --parallel "$jobs" --enable_pybind --skip_tests --build_wheel --update --build
    --cmake_generator Ninja --skip_submodule_sync --compile_no_warning_as_error
    --cmake_extra_defines "${defines[@]}"
  )
  [ "$(id -u)" -ne 0 ] || command+=(--allow_running_as_root)
}

# What the last complete build was made of. A source tree without git may have been edited: build.sh decides then.
build_state() {
  local head
  head=$(git -C "$ort_source" rev-parse HEAD 2>/dev/null) || return 0
  echo "${command[*]@Q} $head $(git -C "$ort_source" diff HEAD | sha256sum)"
}

build_upstream() {
  local command=() state
  build_command
  state=$(build_state)
  if [ -n "$state" ] && [ "$(cat "$tree/.built" 2>/dev/null)" = "$state" ]; then return; fi
  rm -f "$tree/.built"
  NINJA_STATUS='[%f/%t] ' run "${command[@]}"
  [ "$dry_run" = yes ] || echo "$state" >"$tree/.built"
}
