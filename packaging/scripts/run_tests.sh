# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154 # root, scripts and the like are set by ./studio
# Every test that this machine can run: the parsers' tests under the address and undefined-behaviour
# sanitizers, the tests against independent implementations (label `oracle`), and the main suite.

readonly results=$root/build/test-results
# These programs link no torch, whose own memory handling the sanitizers cannot follow.
readonly parser_rooms=(io tokenizer)
readonly parser_targets=(tests/core/io/all tests/core/tokenizer/all)

# WikiText-2 is not part of the project: checks that need it are skipped, and said to be, where it is
# not found in EIGENQUANT_WIKITEXT, EIGENQUANT_TEXTS/wikitext-2 or a data/wikitext-2 beside the checkout.
find_wikitext() {
    local folder
    for folder in "${EIGENQUANT_WIKITEXT:-}" "${EIGENQUANT_TEXTS:+$EIGENQUANT_TEXTS/wikitext-2}" \
        "$root"/*/data/wikitext-2 "$root"/../*/data/wikitext-2; do
        if [[ -n $folder && -f $folder/test.txt && -f $folder/valid.txt ]]; then
            (cd -- "$folder" && pwd -P)
            return
        fi
    done
}

has_gpu() { command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q '^GPU'; }

# suite NAME FOLDER CTEST-ARGUMENT…: runs a suite; returns 1 if a test failed, or if there was none.
suite() {
    local name=$1 folder=$2
    shift 2
    printf '\n== %s\n' "$name"
    "$venv/bin/ctest" --test-dir "$folder" --output-on-failure --no-tests=error --parallel "$(build_jobs)" \
        --test-output-size-passed 200000 --output-junit "$results/$name.xml" "$@" </dev/null 2>&1 |
        tee "$results/$name.log"
}

count_tests() {
    local folder=$1
    shift
    "$venv/bin/ctest" --test-dir "$folder" --show-only "$@" 2>/dev/null | awk '/^Total Tests:/ { print $3 }'
}

run_tests() {
    local failed=0 apart=oracle room wikitext gpu_tests
    local -a not_run=()
    build release "$root/build" all
    build asan "$root/build-asan" "${parser_targets[@]}"
    rm -rf -- "$results"
    mkdir -p "$results"

    wikitext=$(find_wikitext)
    [[ -z $wikitext ]] || export EIGENQUANT_WIKITEXT=$wikitext
    export EIGENQUANT_ORACLE_PYTHON=$oracles/bin/python
    export QT_QPA_PLATFORM=${QT_QPA_PLATFORM:-offscreen}
    gpu_tests=$(count_tests "$root/build" -L gpu)
    if ! has_gpu && ((gpu_tests)); then
        apart='oracle|gpu'
        not_run=("$gpu_tests GPU tests: this machine has no NVIDIA GPU")
    fi

    for room in "${parser_rooms[@]}"; do
        suite "sanitizers-$room" "$root/build-asan/tests/core/$room" -LE "$apart" || failed=1
    done
    suite oracle "$root/build" -L oracle || failed=1
    # These run beside each other: threads that spin while they wait would take the cores from the other's work.
    OMP_WAIT_POLICY=passive suite main "$root/build" -LE "$apart" || failed=1
    "$venv/bin/python" "$scripts/summarize_tests.py" "$results" "${not_run[@]}" || failed=1
    return "$failed"
}
