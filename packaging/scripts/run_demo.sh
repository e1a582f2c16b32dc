# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# The main job on the embedded default, without a display.

run_demo() {
    local bin=$root/build/bin
    "$bin/eigenquant" demo "$@"
}
