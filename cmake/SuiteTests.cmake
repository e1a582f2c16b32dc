# SPDX-License-Identifier: GPL-3.0-or-later
# Read by CTest itself: one test for every suite of the GoogleTest program `program`, with `labels`. A process for every
# single test would load libtorch, or parse a golden file, hundreds of times. The suites are listed again when the program is
# newer than the list.
if(NOT EXISTS "${program}")
    get_filename_component(name "${program}" NAME)
    add_test(${name}_NOT_BUILT ${name}_NOT_BUILT)
    return()
endif()
if("${program}" IS_NEWER_THAN "${program}.suites")
    execute_process(COMMAND "${program}" --gtest_list_tests OUTPUT_VARIABLE listed RESULT_VARIABLE code)
    if(NOT code EQUAL 0)
        message(FATAL_ERROR "${program} cannot list its tests: ${code}")
    endif()
    file(WRITE "${program}.suites" "${listed}")
endif()
file(STRINGS "${program}.suites" suites REGEX "^[A-Za-z0-9_/]+\\.( |$)")
foreach(line ${suites})
    string(REGEX MATCH "^[A-Za-z0-9_/]+" suite "${line}")
    add_test("${suite}" "${program}" "--gtest_filter=${suite}.*")
    set_tests_properties("${suite}" PROPERTIES TIMEOUT 900 LABELS "${labels}")
endforeach()
