# SPDX-License-Identifier: GPL-3.0-or-later
# Finds libtorch in the pinned torch wheel and makes the target LibTorch::cpu of it.
#
# The wheel's own TorchConfig.cmake is not used: it insists on a CUDA toolkit on the building machine and
# links every CUDA library into every program. We link the CPU half only; the CUDA half, which lies beside
# it, is opened at run time when a GPU is asked for (core/device), so that a CPU run starts in a fraction
# of the time and the same build works with and without a GPU.
#
# Input: LIBTORCH_ROOT (cache), the folder `torch` of a site-packages; ./studio sets it.

set(LIBTORCH_ROOT "$ENV{LIBTORCH_ROOT}" CACHE PATH "The folder of the torch Python package (it holds include/ and lib/)")
find_path(LibTorch_INCLUDE_DIR ATen/ATen.h HINTS ${LIBTORCH_ROOT}/include NO_DEFAULT_PATH)
find_library(LibTorch_CPU_LIBRARY torch_cpu HINTS ${LIBTORCH_ROOT}/lib NO_DEFAULT_PATH)
find_library(LibTorch_C10_LIBRARY c10 HINTS ${LIBTORCH_ROOT}/lib NO_DEFAULT_PATH)
if(EXISTS ${LIBTORCH_ROOT}/version.py)
    file(STRINGS ${LIBTORCH_ROOT}/version.py version_line REGEX "^__version__")
    string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" LibTorch_VERSION "${version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(LibTorch
    REQUIRED_VARS LibTorch_CPU_LIBRARY LibTorch_C10_LIBRARY LibTorch_INCLUDE_DIR
    VERSION_VAR LibTorch_VERSION
    REASON_FAILURE_MESSAGE "run ./studio build, which installs the torch wheel, or set LIBTORCH_ROOT")

if(LibTorch_FOUND AND NOT TARGET LibTorch::cpu)
    add_library(LibTorch::c10 SHARED IMPORTED)
    set_target_properties(LibTorch::c10 PROPERTIES IMPORTED_LOCATION ${LibTorch_C10_LIBRARY})
    add_library(LibTorch::cpu SHARED IMPORTED)
    set_target_properties(LibTorch::cpu PROPERTIES
        IMPORTED_LOCATION ${LibTorch_CPU_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES
            "${LibTorch_INCLUDE_DIR};${LibTorch_INCLUDE_DIR}/torch/csrc/api/include"
        # at::parallel_for is a template of ours to compile: without OpenMP it quietly runs on one thread. The wheel
        # brings the libgomp that is loaded at run time.
        INTERFACE_COMPILE_OPTIONS $<$<COMPILE_LANGUAGE:CXX>:-fopenmp>
        INTERFACE_LINK_OPTIONS -fopenmp
        INTERFACE_LINK_LIBRARIES LibTorch::c10)
    # libtorch_cpu.so itself asks for libcudart and libcupti, which lie in the wheel's nvidia packages; its
    # own RUNPATH finds them at run time, the linker has to be told.
    get_filename_component(site_packages ${LIBTORCH_ROOT} DIRECTORY)
    file(GLOB nvidia_lib_dirs ${site_packages}/nvidia/*/lib ${site_packages}/nvidia/*/lib64)
    foreach(dir ${nvidia_lib_dirs})
        list(APPEND rpath_links "LINKER:-rpath-link,${dir}")
    endforeach()
    set_property(TARGET LibTorch::cpu APPEND PROPERTY INTERFACE_LINK_OPTIONS "${rpath_links}")
endif()
