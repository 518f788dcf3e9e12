# shellcheck shell=bash
# What Debian's sources need before ONNX Runtime's CMake takes them: patch_<folder> gets each folder once, just unpacked.

# FETCHCONTENT_SOURCE_DIR_<NAME> skips the patches that ONNX Runtime applies to what it downloads.
patch_protobuf() { apply_patch "$1" protobuf/protobuf_cmake.patch; }
patch_flatbuffers() { apply_patch "$1" flatbuffers/flatbuffers.patch; }
patch_onnx() { apply_patch "$1" onnx/onnx.patch; }

apply_patch() {
  patch -d "$1" --binary --ignore-whitespace --force -p1 <"$src/onnxruntime/cmake/patches/$2" >>"$log" 2>&1 ||
    die 1 "ONNX Runtime's cmake/patches/$2 does not apply" "patch's words are in $log"
}

patch_onnxruntime() {
  # Eigen 3.4.0 lacks min and max with a NaN policy for two expressions; upstream builds on a later commit. What
  # changes is which of two values MinMax picks when one is NaN.
  sed -i -E 's/(template )?(min|max)<Eigen::PropagateNaN>\(/\2(/g' \
    "$1/onnxruntime/core/providers/cpu/math/element_wise_ops.cc"
  # Debian leaves the sample models out, but the build copies datasets/*.pb and fails when there is none.
  touch "$1/onnxruntime/python/datasets/none.pb"
}
