# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# Debian packages: which are missing, and installing them. Elsewhere CMake's own checks have to do.

readonly package_list=$scripts/debian-packages.txt

is_debian() { command -v dpkg-query >/dev/null && command -v apt-get >/dev/null; }

# The rows of the list that a command needs: the tests' tools are for ./studio test alone.
package_rows() {
    awk -v all="$([[ $1 == test ]] && echo 1 || echo 0)" \
        '!/^#/ && NF && (all || $2 == "build")' "$package_list"
}

# The rows whose package is not installed.
missing_package_rows() {
    local installed
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null |
        awk '$1 == "installed" { print $2 }')
    package_rows "$1" | awk -v names="$installed" '
        BEGIN { n = split(names, list, "\n"); for (i = 1; i <= n; i++) have[list[i]] = 1 }
        !($1 in have)'
}

show_package_rows() {
    awk '{ name = $1; $1 = $2 = ""; sub(/^ +/, ""); printf "  %-20s %s\n", name, $0 }' >&2
}

# Returns 1 after saying what is missing; on other systems there is nothing to ask.
missing_system_packages() {
    local rows
    is_debian || return 0
    rows=$(missing_package_rows "$1")
    [[ -n $rows ]] || return 0
    say "Missing Debian packages:"
    show_package_rows <<<"$rows"
    return 1
}

# Runs a command as root; without a terminal sudo must not stop to ask for a password.
as_root() {
    if ((EUID == 0)); then
        "$@"
    elif ! command -v sudo >/dev/null; then
        fail 1 "not root, and there is no sudo; run as root: $*"
    elif [[ -t 0 && -t 2 ]]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

apt() { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q "$@"; }

install_system_packages() {
    local rows
    local -a names
    if ! is_debian; then
        note_other_system "$1"
        return
    fi
    rows=$(missing_package_rows "$1")
    [[ -n $rows ]] || return 0
    say "Installing Debian packages:"
    show_package_rows <<<"$rows"
    mapfile -t names < <(awk '{ print $1 }' <<<"$rows")
    ((EUID == 0)) || as_root true || fail 1 "sudo was refused; as root, run: apt-get install ${names[*]}"
    logged apt-update apt update
    logged apt-install apt install -y --no-install-recommends "${names[@]}"
}

# Said once a machine, and again only if the list changes.
note_other_system() {
    local mark
    mark=$data_home/noted-packages-$(sha256_of "$package_list")
    [[ ! -e $mark ]] || return 0
    say "This is not a Debian system. The build needs what these Debian packages hold:"
    package_rows "$1" | show_package_rows
    say "CMake will name what it does not find."
    touch "$mark"
}
