# shellcheck shell=bash
# --from debian: ONNX Runtime and its dependencies from Debian's packages, for machines that reach nothing else.
# scripts/ort/recipes/VERSION.txt names them. A private apt configuration (own lists, cache and state) fetches from
# newer suites than the machine's own, and leaves the system's untouched.

readonly suites=(trixie sid bookworm)
readonly recipes=$here/ort/recipes

# Where this machine's own apt sources (one-line or deb822) get Debian from: the address and how it is trusted, as a
# one-line source has them. Neither is written anywhere but in the private configuration.
mirror() {
  local etc
  etc=$(apt-config shell etc Dir::Etc/d) && eval "$etc"
  { cat "$etc"/sources.list "$etc"/sources.list.d/*.list 2>/dev/null || true; } |
    sed -nE 's/^ *deb +(\[[^]]*\] +)?([^ ]+\/debian\/?) .*/\1\2/p'
  awk -v RS= '
    function value(name) { return match($0, "(^|\n)" name ": *[^\n]+") ? substr($0, RSTART, RLENGTH) : "" }
    function bare(field) { sub(/^[^:]*: */, "", field); return field }
    {
      gsub(/(^|\n)#[^\n]*/, "")
      count = split(bare(value("URIs")), addresses, " ")
      trust = bare(value("Signed-By")) ? "signed-by=" bare(value("Signed-By")) : ""
      if (value("Trusted")) trust = trust " trusted=" bare(value("Trusted"))
      for (i = 1; i <= count; i++) if (addresses[i] ~ /\/debian\/?$/) print (trust ? "[" trust "] " : "") addresses[i]
    }' "$etc"/sources.list.d/*.sources 2>/dev/null || true
}

prepare_apt() {
  local from_mirror suite
  apt=$build/apt
  from_mirror=$(mirror | head -n 1)
  [ -n "$from_mirror" ] || die 3 "this machine's apt sources name no Debian mirror" "--from git clones upstream instead."
  mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$downloads"
  : >"$apt/status"
  cat >"$apt/apt.conf" <<CONF
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "-";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt";
Acquire::Languages "none";
Acquire::Retries "2";
APT::Sandbox::User "";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
CONF
  for suite in "${suites[@]}"; do
    printf '%s %s %s main\n' deb "$from_mirror" "$suite" deb-src "$from_mirror" "$suite"
  done >"$apt/sources.list"
  apt-get -c "$apt/apt.conf" update -qq -o APT::Update::Error-Mode=any >>"$log" 2>&1 ||
    die 3 "the Debian mirror of this machine's apt sources can't be reached, or lacks one of: ${suites[*]}" \
      "apt's words are in $log"
}

# The versions of a source package that the suites list, newest first.
listed() { apt-cache -c "$apt/apt.conf" showsrc "$1" 2>/dev/null | sed -n 's/^Version: //p' | sort -Vru; }

# 1:1.21.0+dfsg-1 -> 1.21.0
upstream_of() { sed -E 's/^[0-9]+://; s/-[^-]*$//; s/\+(dfsg|ds)[0-9.]*$//' <<<"$1"; }

# fetch_source PACKAGE UPSTREAM: print the path of the upstream tarball. A mirror can lack single files, so each
# Debian revision is tried, and nothing but the tarball is asked for; apt verifies its checksum.
fetch_source() {
  local revision name
  for revision in $(listed "$1"); do
    [ "$(upstream_of "$revision")" = "$2" ] || continue
    (cd "$downloads" && apt-get -c "$apt/apt.conf" source -qq --download-only --tar-only "$1=$revision") \
      >>"$log" 2>&1 || continue
    name=$1_$(sed -E 's/^[0-9]+://; s/-[^-]*$//' <<<"$revision").orig.tar
    find "$downloads" -name "$name.*" ! -name '*.asc' | head -n 1
    return
  done
  return 1
}

# The version is known by its recipe; without one, say what the mirror has.
check_debian() {
  local known
  recipe=$recipes/$version.txt
  [ ! -r "$recipe" ] || return 0
  if [ "$dry_run" = no ]; then
    start_log "looking for ONNX Runtime $version"
    prepare_apt
    say "ONNX Runtime from Debian:"
    available
  fi
  known=$(recipe_versions | paste -sd' ')
  die 2 "ONNX Runtime $version can't be built from Debian's packages" \
    "There are recipes for: $known. For example: $0 --from debian --version ${known%% *}"
}

# Each ONNX Runtime version that the mirror lists: whether its source is really there, and whether there is a recipe.
available() {
  local revision upstream
  for revision in $(listed onnxruntime); do
    upstream=$(upstream_of "$revision")
    if ! fetch_source onnxruntime "$upstream" >/dev/null; then
      say "  $upstream: listed, but its source is missing on the mirror"
    elif [ -r "$recipes/$upstream.txt" ]; then
      say "  $upstream: can be built"
    else
      say "  $upstream: can be fetched, but scripts/ort/recipes has no recipe for it"
    fi
  done
}

# Every line of the recipe becomes a folder of $src; a folder that is there is complete.
fetch_debian() {
  local kind folder package upstream headers prepared=no
  while read -r kind folder package upstream headers; do
    [[ $kind =~ ^(source|headers)$ && ! -d $src/$folder ]] || continue
    if [ "$dry_run" = yes ]; then
      say "  $folder: $package $upstream"
      continue
    fi
    [ "$prepared" = yes ] || prepare_apt
    prepared=yes
    rm -rf "$src/.new"
    mkdir -p "$src/.new"
    "unpack_$kind" "$package" "$upstream" "$src/.new" "$headers"
    if declare -F "patch_$folder" >/dev/null; then "patch_$folder" "$src/.new"; fi
    mv "$src/.new" "$src/$folder"
  done <"$recipe"
  [ "$dry_run" = yes ] || cp -ru "$here"/ort/cmake/. "$src/"
}

unpack_source() {
  local tarball
  if ! tarball=$(fetch_source "$1" "$2"); then
    say "error: the mirror does not have the source of $1 $2. ONNX Runtime there:"
    available
    exit 3
  fi
  tar -C "$3" --strip-components=1 -xf "$tarball"
}

# Headers alone, and of those only what is asked for: Boost's package has 150 MB.
unpack_headers() {
  local revision
  revision=$(apt-cache -c "$apt/apt.conf" madison "$1" | awk -F' *[|] *' -v want="$2" 'index($2, want) == 1 { print $2; exit }')
  (cd "$downloads" && apt-get -c "$apt/apt.conf" download -qq "$1=$revision") >>"$log" 2>&1 ||
    die 3 "the mirror does not have $1 $2" "apt's words are in $log"
  dpkg-deb --fsys-tarfile "$(find "$downloads" -name "$1_*.deb" | head -n 1)" |
    tar -C "$3" -xf - --wildcards "./usr/include/$4*"
}
