# shellcheck shell=bash
# build/tools: a virtual environment with what builds, so that nothing of it has to be installed on the machine.

readonly tools=$build/tools

make_tools() {
  # Projects that ONNX Runtime builds on ask for policies that CMake 4 has dropped.
  local wanted=("cmake>=3.28,<4" ninja numpy packaging setuptools wheel)
  [ "$from" != debian ] || wanted+=("pybind11==$(recipe_version pybind11)")
  if [ "$(cat "$tools/.installed" 2>/dev/null)" != "$python ${wanted[*]}" ]; then
    run rm -rf "$tools"
    run "$python" -m venv "$tools"
    run "$tools/bin/python" -m pip install --disable-pip-version-check --quiet "${wanted[@]}"
    [ "$dry_run" = yes ] || echo "$python ${wanted[*]}" >"$tools/.installed"
  fi
  PATH=$tools/bin:$PATH
}

recipe_version() { awk -v name="$1" '$2 == name { print $4 }' "$recipe"; }

# What every build gets: no compressed debug sections (reading them costs perf and symbolic time), frame pointers on
# request, and what makes compiling and linking faster where it is installed.
choose_flags() {
  flags=-gz=none
  [ "$frame_pointers" = no ] || flags+=" -fno-omit-frame-pointer"
  speed=()
  if command -v ccache >/dev/null; then
    speed+=(CMAKE_C_COMPILER_LAUNCHER=ccache CMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  if command -v mold >/dev/null; then
    speed+=(CMAKE_{EXE,SHARED,MODULE}_LINKER_FLAGS=-fuse-ld=mold)
  fi
}
