# SPDX-License-Identifier: GPL-3.0-or-later
# Finds a CUDA compiler and says in EIGENQUANT_HAS_CUDA whether the kernels are built.
#
# EIGENQUANT_CUDA: AUTO builds them where nvcc 12.8 or newer is found, ON insists, OFF never looks.

set(EIGENQUANT_CUDA AUTO CACHE STRING "Build the GPU kernels: AUTO, ON or OFF")
set_property(CACHE EIGENQUANT_CUDA PROPERTY STRINGS AUTO ON OFF)
set(EIGENQUANT_HAS_CUDA OFF)
set(oldest_nvcc 12.8)

if(NOT EIGENQUANT_CUDA STREQUAL "OFF")
    # Native code for Ampere and Hopper, whose own instructions the kernels use; the driver translates the code of the
    # former for all that came later.
    if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
        set(CMAKE_CUDA_ARCHITECTURES "80;90a-real" CACHE STRING "GPUs to build for")
    endif()
    if(EIGENQUANT_CUDA STREQUAL "ON")
        enable_language(CUDA)
    else()
        include(CheckLanguage)
        check_language(CUDA)
        if(CMAKE_CUDA_COMPILER)
            enable_language(CUDA)
        endif()
    endif()
    if(CMAKE_CUDA_COMPILER_LOADED AND CMAKE_CUDA_COMPILER_VERSION VERSION_GREATER_EQUAL ${oldest_nvcc})
        set(EIGENQUANT_HAS_CUDA ON)
        set(CMAKE_CUDA_STANDARD 20)
        set(CMAKE_CUDA_STANDARD_REQUIRED ON)
    elseif(EIGENQUANT_CUDA STREQUAL "ON")
        message(FATAL_ERROR "nvcc ${CMAKE_CUDA_COMPILER_VERSION} is too old: the kernels need ${oldest_nvcc}")
    endif()
endif()
if(NOT EIGENQUANT_HAS_CUDA)
    message(STATUS "GPU kernels: not built (EIGENQUANT_CUDA is ${EIGENQUANT_CUDA}, no nvcc ${oldest_nvcc} or newer in use)")
endif()
