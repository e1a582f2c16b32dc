# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# What every step uses: where things go, how it speaks, how it fails.

data_home=${EIGENQUANT_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/eigenquant-studio}
logs=$data_home/logs
readonly data_home logs

# All of this goes to stderr, so that the output of the programs that are started stays clean.
say() { printf '%s\n' "$*" >&2; }

fail() {
    local code=$1
    shift
    say "./studio: $*"
    exit "$code"
}

# An interrupted step left no stamp, so the next run does it again from the start.
trap 'say "./studio: interrupted"; exit 130' INT
trap 'exit 143' TERM

usage_error() { fail 2 "$*"; }

# logged NAME COMMAND…: runs a command with its output in logs/NAME.log, which is shown only if it fails.
logged() {
    local log=$logs/$1.log
    shift
    mkdir -p "$logs"
    if ! "$@" </dev/null >"$log" 2>&1; then
        tail -n 40 "$log" >&2
        fail 1 "this failed: $* (the whole output is in $log)"
    fi
}

# need_free_disk DIR GIGABYTES WHAT: exits 5 where the file system of DIR has less room.
need_free_disk() {
    local free_kb
    mkdir -p "$1"
    free_kb=$(df -Pk -- "$1" | awk 'NR == 2 { print $4 }')
    if ((free_kb < $2 * 1000 * 1000)); then
        fail 5 "$3 needs $2 GB of free disk in $1, there are $((free_kb / 1000 / 1000)) GB;" \
            "free some, or let EIGENQUANT_HOME name a folder on a larger disk"
    fi
}

sha256_of() { sha256sum -- "$1" | cut -d ' ' -f 1; }

# Two runs at once would install into the same folders: the second waits for the first.
take_install_lock() {
    mkdir -p "$data_home"
    exec 9>"$data_home/.install-lock"
    if ! flock -n 9; then
        say "Another ./studio is installing; waiting for it."
        flock 9
    fi
}

release_install_lock() { exec 9>&-; }

need_display() {
    if [[ -z ${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-} ]]; then
        fail 1 "there is no display (DISPLAY and WAYLAND_DISPLAY are empty);" \
            "'./studio demo' does the same work without one"
    fi
}
