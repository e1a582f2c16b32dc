# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# The main job on the embedded default, without a display.

# The report's folder, as `eigenquant demo` named it on its output: a line of the text, or a key with --json.
report_folder() {
    if [[ $(head -c 1 -- "$1") == '{' ]]; then
        "$venv/bin/python" -c 'import json, sys; print(json.load(open(sys.argv[1]))["folder"])' "$1"
    else
        sed -n 's/^folder  *//p' "$1" | tail -n 1
    fi
}

# Adds every plot of the studio to the report's own. The demo's table is held back until they are drawn (or
# that failed), so that the output ends with it and with the folder.
run_demo() {
    local code=0 folder output
    output=$(mktemp)
    # shellcheck disable=SC2064 # the name is needed when the trap runs, where the variable is gone
    trap "cat -- '$output'; rm -f -- '$output'" EXIT
    "$root/build/bin/eigenquant" demo "$@" >"$output" || code=$?
    if ((code == 0)); then
        folder=$(report_folder "$output")
        if [[ -n $folder ]]; then # --help names none
            logged render env QT_QPA_PLATFORM=offscreen \
                "$root/build/bin/eigenquant-studio" --render "$folder/plots" "$folder/demo.stats"
        fi
    fi
    return "$code"
}
