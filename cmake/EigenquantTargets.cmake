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

# Code that runs once, such as a test's or a flag's, is not worth the compiler's time: -O1 takes half of -O3's.
set(EIGENQUANT_COMPILE_FAST $<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CONFIG:Release>>:-O1>)

# eigenquant_reuse_headers(target library): takes the library's precompiled header for a program's sources.
function(eigenquant_reuse_headers target library)
    # GCC takes a precompiled header only with the flags and definitions that it was made with: those of a library.
    set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${target} PRIVATE -fPIC)
    target_compile_definitions(${target} PRIVATE $<TARGET_PROPERTY:${library},COMPILE_DEFINITIONS>)
    target_precompile_headers(${target} REUSE_FROM ${library})
endfunction()

# eigenquant_test(NAME SOURCES… LIBS… [LABELS…] [HEADERS_OF library]): a GoogleTest program, registered with CTest test
# by test. It reuses the precompiled header of the library that it looks into.
function(eigenquant_test name)
    cmake_parse_arguments(ARG "" "HEADERS_OF" "SOURCES;LIBS;LABELS" ${ARGN})
    add_executable(${name} ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_link_libraries(${name} PRIVATE eigenquant_options ${ARG_LIBS} GTest::gtest GTest::gmock GTest::gtest_main)
    target_compile_definitions(${name} PRIVATE EIGENQUANT_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                               EIGENQUANT_BINARY_DIR="${CMAKE_BINARY_DIR}")
    target_compile_options(${name} PRIVATE ${EIGENQUANT_COMPILE_FAST})
    if(ARG_HEADERS_OF)
        eigenquant_reuse_headers(${name} ${ARG_HEADERS_OF})
    endif()
    include(GoogleTest)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 300 LABELS "${ARG_LABELS}")
endfunction()
