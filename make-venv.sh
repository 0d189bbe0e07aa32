#!/bin/sh
# Makes .venv from a lock file, or does nothing when it is already up to date.
#
# usage: make-venv.sh LOCK
#
# An interpreter is found by running candidates: a name on the PATH may be a shim that
# leads nowhere. HEARTH_PYTHON names one outright.
set -eu

lock=$1
venv=.venv
stamp=$venv/.made-from
wanted="$(cksum <"$lock") $(cksum <pyproject.toml)"

if [ -x "$venv/bin/python" ] && [ -f "$stamp" ]; then
    # The development lock holds everything that the plain one does.
    while IFS= read -r made; do
        [ "$made" = "$wanted" ] && exit 0
    done <"$stamp"
fi

works() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

python=
for candidate in ${HEARTH_PYTHON:-} python3.13 python3.12 python3.11 python3.14 python3 python; do
    if works "$candidate"; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "Hearth needs Python 3.11 or newer, and none was found on this machine." >&2
    echo "Install it (on Debian: apt-get install python3 python3-venv), then run the same command again." >&2
    exit 1
fi
if ! "$python" -c 'import venv, ensurepip' >/dev/null 2>&1; then
    echo "$python is here, but its venv module is not." >&2
    echo "Install it (on Debian: apt-get install python3-venv), then run the same command again." >&2
    exit 1
fi

if ! [ -x "$venv/bin/python" ] || ! works "$venv/bin/python"; then
    echo "Making .venv with $("$python" --version) ..."
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
echo "Installing what $lock names (once; the next time is quick) ..."
if ! "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: -r "$lock"; then
    echo "The packages could not be installed. Is this machine connected to a package registry?" >&2
    exit 1
fi
echo "$wanted" >"$stamp"
if [ "$lock" = requirements-dev.lock ]; then
    echo "$(cksum <requirements.lock) $(cksum <pyproject.toml)" >>"$stamp"
fi
