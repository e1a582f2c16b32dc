# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# Configures and builds with the CMake and Ninja of the private environment.

readonly job_memory_kb=2500000 # what compiling one file that includes libtorch's headers may take

# As many jobs as there are cores, and as the memory (of the control group, too) can feed.
build_jobs() {
    local memory_kb limit jobs
    memory_kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo)
    limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
    if [[ $limit != max ]] && ((limit / 1024 < memory_kb)); then
        memory_kb=$((limit / 1024))
    fi
    jobs=$((memory_kb / job_memory_kb))
    ((jobs <= $(nproc))) || jobs=$(nproc)
    ((jobs >= 1)) || jobs=1
    echo "$jobs"
}

# configure PRESET FOLDER: once, and again only if the preset or the place of libtorch or of the sources changed;
# changes of CMakeLists.txt files are seen by the build itself.
configure() {
    local preset=$1 folder=$2 libtorch key
    libtorch=$(libtorch_root)
    key="$root|$libtorch|$(sha256_of "$root/CMakePresets.json")"
    if [[ -f $folder/build.ninja && -f $folder/.configured && $(<"$folder/.configured") == "$key" ]]; then
        return
    fi
    say "Configuring ${folder#"$root/"}."
    logged "configure-$preset" env -C "$root" PATH="$venv/bin:$PATH" \
        cmake --fresh --preset "$preset" -DLIBTORCH_ROOT="$libtorch"
    printf '%s\n' "$key" >"$folder/.configured"
}

# build PRESET FOLDER TARGET…: prints nothing where all is up to date.
build() {
    local preset=$1 folder=$2 log=$logs/build-$1.log
    shift 2
    configure "$preset" "$folder"
    mkdir -p "$logs"
    if ! PATH=$venv/bin:$PATH ninja -C "$folder" -j "$(build_jobs)" "$@" </dev/null 2>&1 |
        tee "$log" | show_progress "${folder#"$root/"}"; then
        grep -A 30 -m 3 -E '^FAILED|^ninja: error|CMake Error' "$log" >&2 || tail -n 40 "$log" >&2
        fail 1 "the build failed (the whole output is in $log)"
    fi
}

# show_progress FOLDER: Ninja's "[12/345] …" lines, rewritten in place on a terminal; elsewhere one line for every
# tenth part. Step 0 is Ninja looking whether CMake has to run again: no work, nothing to tell.
show_progress() {
    local line terminal=no tenth last=-1
    [[ ! -t 2 ]] || terminal=yes
    while IFS= read -r line; do
        [[ $line =~ ^\[([1-9][0-9]*)/([0-9]+)\] ]] || continue
        ((last >= 0)) || say "Building in $1 (the first time takes many minutes)."
        tenth=$((10 * BASH_REMATCH[1] / BASH_REMATCH[2]))
        if [[ $terminal == yes ]]; then
            printf '\r  %s of %s' "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" >&2
        elif ((tenth > last)); then
            say "  ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
        fi
        last=$tenth
    done
    if [[ $terminal == yes ]] && ((last >= 0)); then
        printf '\n' >&2
    fi
}

build_programs() { build release "$root/build" bin/eigenquant bin/eigenquant-studio; }
