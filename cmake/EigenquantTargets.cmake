# SPDX-License-Identifier: GPL-3.0-or-later
# What every target of the project shares: warnings, the include root, sanitizers.

add_library(eigenquant_options INTERFACE)
target_include_directories(eigenquant_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(eigenquant_options INTERFACE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall;-Wextra;-Wpedantic;-Wno-missing-field-initializers>)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 sees overlaps in std::string's operator+ that are not there (GCC bug 105651).
    target_compile_options(eigenquant_options INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-Wno-restrict>)
endif()
if(EIGENQUANT_SANITIZE)
    target_compile_options(eigenquant_options INTERFACE
        $<$<COMPILE_LANGUAGE:CXX>:-fsanitize=${EIGENQUANT_SANITIZE};-fno-omit-frame-pointer;-fno-sanitize-recover=all>)
    target_link_options(eigenquant_options INTERFACE -fsanitize=${EIGENQUANT_SANITIZE})
endif()

# eigenquant_library(NAME SOURCES… PUBLIC libs… PRIVATE libs…): a static library of one room of the house.
function(eigenquant_library name)
    cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    add_library(${name} STATIC ${ARG_SOURCES})
    target_link_libraries(${name} PUBLIC eigenquant_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# eigenquant_compile_together(TARGET [APART sources…]): compiles several files as one where EIGENQUANT_UNITY is on, since most
# of what a file costs are headers that its neighbours read too. Local names must then differ within the target; files that
# share one stay apart. Without it, as in the preset dev, one changed file is compiled alone.
option(EIGENQUANT_UNITY "Compile several files of a target as one: faster for all, slower after each change" OFF)
function(eigenquant_compile_together target)
    cmake_parse_arguments(ARG "" "" "APART" ${ARGN})
    set_target_properties(${target} PROPERTIES UNITY_BUILD ${EIGENQUANT_UNITY} UNITY_BUILD_BATCH_SIZE 16)
    set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

# Code that runs once, or waits for a hand, such as a test's, a flag's or the window's, is not worth the compiler's time:
# -O1 takes half of -O3's.
set(EIGENQUANT_COMPILE_FAST $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-O1>)

# eigenquant_reuse_headers(target library): takes the library's precompiled header for a program's sources.
function(eigenquant_reuse_headers target library)
    # GCC takes a precompiled header only with the flags and definitions that it was made with: those of a library.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:${library},COMPILE_DEFINITIONS>)
    target_precompile_headers(${target} REUSE_FROM ${library})
endfunction()

# eigenquant_test(NAME SOURCES… LIBS… [LABELS…] [HEADERS_OF library] [ONE_BY_ONE]): a GoogleTest program, registered with
# CTest suite by suite, or, if its tests take long or may be skipped, test by test. It reuses the precompiled header of the
# library that it looks into.
function(eigenquant_test name)
    cmake_parse_arguments(ARG "ONE_BY_ONE" "HEADERS_OF" "SOURCES;LIBS;LABELS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(${name} PRIVATE eigenquant_options ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name} PRIVATE EIGENQUANT_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                               EIGENQUANT_BINARY_DIR="${CMAKE_BINARY_DIR}")
    target_compile_options(${name} PRIVATE ${EIGENQUANT_COMPILE_FAST})
    if(ARG_HEADERS_OF)
        eigenquant_reuse_headers(${name} ${ARG_HEADERS_OF})
    endif()
    if(ARG_ONE_BY_ONE)
        include(GoogleTest)
        gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
        return()
    endif()
    file(GENERATE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${name}_suites.cmake
         CONTENT "set(program \"$<TARGET_FILE:${name}>\")\nset(labels \"${ARG_LABELS}\")\ninclude(\"${CMAKE_SOURCE_DIR}/cmake/SuiteTests.cmake\")\n")
    set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}_suites.cmake)
endfunction()
