# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# Two private Python environments: `venv` holds libtorch and the build tools; `oracles`, for the tests
# alone, adds independent implementations to compare with and borrows the first one's torch.

readonly venv=$data_home/venv
readonly oracles=$data_home/oracles

# environment_is_ready DIR REQUIREMENTS: the stamp is written last, so an interrupted install has none.
environment_is_ready() {
    [[ -x $1/bin/python && -f $1/.installed && $(<"$1/.installed") == "$(sha256_of "$2")" ]]
}

# Returns 1 after saying what is missing.
missing_environment() {
    local found=0
    if ! environment_is_ready "$venv" "$scripts/requirements.txt"; then
        say "Missing: libtorch and build tools in $venv:"
        requirement_names "$scripts/requirements.txt"
        found=1
    fi
    if [[ $1 == test ]] && ! environment_is_ready "$oracles" "$scripts/oracle-requirements.txt"; then
        say "Missing: what the tests compare with, in $oracles:"
        requirement_names "$scripts/oracle-requirements.txt"
        found=1
    fi
    return "$found"
}

requirement_names() { sed -n 's/^\([a-z].*\)==\([^ ]*\).*/  \1 \2/p' "$1" >&2; }

# pip unpacks gigabytes into its temporary folder: not into /tmp, which may be memory.
pip_in() {
    local environment=$1
    shift
    mkdir -p "$data_home/tmp"
    TMPDIR=$data_home/tmp "$environment/bin/python" -m pip --disable-pip-version-check --no-input "$@"
}

# create_environment DIR: an empty one. What an interrupted install of ours left is thrown away; a folder
# that ./studio did not begin is somebody's, and stays.
create_environment() {
    if [[ -e $1 && ! -f $1/.made-by-studio && ! -f $1/.installed ]]; then
        fail 1 "$1 exists, and this script did not make it: move it away, or set EIGENQUANT_HOME"
    fi
    # Renamed first: a removal that is interrupted must not leave a half folder without its mark.
    rm -rf -- "$1.discarded"
    [[ ! -e $1 ]] || mv -T -- "$1" "$1.discarded"
    rm -rf -- "$1.discarded"
    mkdir -p "$1"
    touch "$1/.made-by-studio"
    logged venv "${EIGENQUANT_PYTHON:-python3}" -m venv "$1"
}

install_environment() {
    environment_is_ready "$venv" "$scripts/requirements.txt" && return
    need_free_disk "$data_home" 8 "libtorch"
    say "Installing libtorch and build tools into $venv (about 2.7 GB to download, 5 GB on disk; minutes):"
    requirement_names "$scripts/requirements.txt"
    create_environment "$venv"
    logged pip-install pip_in "$venv" install -r "$scripts/requirements.txt"
    sha256_of "$scripts/requirements.txt" >"$venv/.installed"
    rm -rf -- "$data_home/tmp"
}

site_packages_of() { "$1/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))'; }

libtorch_root() { printf '%s/torch\n' "$(site_packages_of "$venv")"; }

install_oracles() {
    environment_is_ready "$oracles" "$scripts/oracle-requirements.txt" && return
    need_free_disk "$data_home" 2 "what the tests compare with"
    say "Installing what the tests compare with into $oracles (about 50 MB to download, 300 MB on disk):"
    requirement_names "$scripts/oracle-requirements.txt"
    create_environment "$oracles"
    site_packages_of "$venv" >"$(site_packages_of "$oracles")/torch_of_the_build.pth"
    logged pip-oracles pip_in "$oracles" install -r "$scripts/oracle-requirements.txt"
    logged oracles-import "$oracles/bin/python" -c 'import torch, transformers, tokenizers, sentencepiece, safetensors, gguf'
    sha256_of "$scripts/oracle-requirements.txt" >"$oracles/.installed"
    rm -rf -- "$data_home/tmp"
}
