#!/bin/sh
# Run the cgroup tests on a real version 2 hierarchy, on machines that mount version 1: in User Mode Linux, a kernel
# that is a program (Debian: apt-get install user-mode-linux). It sees this file system read-only; nothing on this
# machine changes. Other arguments go to pytest.
#
#     scripts/cgroup2.sh [-k NAME]
set -eu
kernel=$(command -v "${UML:-linux.uml}") || { echo "cgroup2.sh: apt-get install user-mode-linux" >&2; exit 3; }
project=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/init" <<INIT
#!/bin/sh
mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /mnt && mount -t cgroup2 none /sys/fs/cgroup
export HOME=/mnt TMPDIR=/mnt PATH="$PATH" PYTHONPATH="$project" PYTHONDONTWRITEBYTECODE=1
cd "$project"
echo "cgroup version 2: \$(cat /sys/fs/cgroup/cgroup.controllers), Linux \$(uname -r)"
"${PYTHON:-$project/.venv/bin/python}" -m pytest -p no:cacheprovider --color=no -q tests/e2e/test_cgroup.py $* && echo cgroup2 passed
echo o > /proc/sysrq-trigger
while :; do sleep 1; done
INIT
chmod +x "$folder/init"
TMPDIR=$folder "$kernel" root=/dev/root rootfstype=hostfs rootflags=/ ro mem=1G quiet init="$folder/init" \
    con=null con0=fd:0,fd:1 < /dev/null > "$folder/out" 2>&1 || true
sed -n "/^cgroup version 2/,/^cgroup2 passed/p" "$folder/out"
grep -q "^cgroup2 passed" "$folder/out"
