# shellcheck shell=bash
# Configure and compile with CMake alone: what upstream's build.sh does, with every dependency from $src.

configure() {
  local args name protoc
  args=(
    -S "$src/onnxruntime/cmake" -B "$tree" -G Ninja --compile-no-warning-as-error
    "-DCMAKE_BUILD_TYPE=$config" "-DCMAKE_C_FLAGS=$flags" "-DCMAKE_CXX_FLAGS=$flags" "${speed[@]/#/-D}"
    "-DPython_EXECUTABLE=$tools/bin/python" -Donnxruntime_ENABLE_PYTHON=ON
    -Donnxruntime_BUILD_UNIT_TESTS=OFF -Donnxruntime_BUILD_SHARED_LIB=OFF
    -Donnxruntime_USE_TELEMETRY=OFF -Donnxruntime_ENABLE_DLPACK=OFF
    -DFETCHCONTENT_FULLY_DISCONNECTED=ON
    "-DPYBIND11_INCLUDE=$(pybind11_headers)" "-Dsafeint_SOURCE_DIR=$src/safeint/usr/include/safeint"
  )
  for name in abseil_cpp date eigen flatbuffers gsl mp11 nlohmann_json onnx protobuf pytorch_cpuinfo re2 utf8_range; do
    args+=("-DFETCHCONTENT_SOURCE_DIR_${name^^}=$src/$name")
  done
  args+=("-DFETCHCONTENT_SOURCE_DIR_PYBIND11_PROJECT=$src/pybind11")
  # The machine's protoc saves building one, when its version is that of the recipe's protobuf.
  protoc=$(command -v protoc || true)
  if [ -n "$protoc" ] && [ "$("$protoc" --version)" = "libprotoc $(recipe_version protobuf)" ]; then
    args+=("-DONNX_CUSTOM_PROTOC_EXECUTABLE=$protoc")
  fi
  if [ -e "$tree/build.ninja" ] && [ "$(cat "$tree/.configured" 2>/dev/null)" = "${args[*]}" ]; then return; fi
  run cmake "${args[@]}"
  [ "$dry_run" = yes ] || echo "${args[*]}" >"$tree/.configured"
}

pybind11_headers() {
  if [ -x "$tools/bin/python" ]; then
    "$tools/bin/python" -c 'import pybind11; print(pybind11.get_include())'
  else
    echo "$tools/lib/python/site-packages/pybind11/include"
  fi
}

compile() {
  run ninja -C "$tree" -j "$jobs" onnxruntime_pybind11_state onnxruntime_providers_shared
}

make_wheel() {
  [ -z "$(wheel_file)" ] || return 0
  run rm -rf "$tree/dist"
  run env -C "$tree" "$tools/bin/python" "$src/onnxruntime/setup.py" --quiet bdist_wheel
}
