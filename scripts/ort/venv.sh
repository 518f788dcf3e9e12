# shellcheck shell=bash
# The virtual environment that `ortprof record --ort` starts: the built wheel and what the workload needs.

library() { [ ! -d "$tree" ] || find "$tree" -maxdepth 1 -name 'onnxruntime_pybind11_state*.so' | head -n 1; }

# The wheel, if it is newer than the library in it.
wheel_file() {
  local built
  built=$(library)
  [[ -n $built && -d $tree/dist ]] || return 0
  find "$tree/dist" -name 'onnxruntime*.whl' -newer "$built" | head -n 1
}

# It gets .installed when it is complete; what ends the script before that takes the environment along.
make_venv() {
  local wheel
  wheel=$(wheel_file)
  if [ -n "$wheel" ] && [ -e "$venv/.installed" ] && [ ! "$wheel" -nt "$venv/.installed" ]; then return; fi
  [ "$dry_run" = yes ] || trap '[ -e "$venv/.installed" ] || rm -rf "$venv"' EXIT
  run rm -rf "$venv"
  run "$python" -m venv "$venv"
  run "$venv/bin/python" -m pip install --disable-pip-version-check --quiet numpy "${wheel:-$tree/dist/*.whl}"
  # -I: not from the current directory, which may have an onnxruntime folder.
  run "$venv/bin/python" -I -c 'import onnxruntime; print(onnxruntime.__version__, onnxruntime.__file__)'
  run touch "$venv/.installed"
}
