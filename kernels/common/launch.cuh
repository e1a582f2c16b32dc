// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/gpu.h"

#include <cuda_runtime.h>

#include <cstddef>
#include <utility>

/// Checked calls and launches. Every kernel is launched with programmatic dependent launch: it may start while the
/// kernel before it on the stream still runs, so each calls waitForPrevious() before it reads or overwrites what an
/// earlier kernel touches, in every thread that does, and at least once in every block.
namespace eigenquant::kernels {

/// Throws GpuError with the kind that the status means; `what` names the call.
void check(cudaError_t status, const char* what);

/// Waits until the kernels before this one are done and their writes are seen. Weights, which no kernel writes, may
/// be read before.
__device__ inline void waitForPrevious()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.wait;" ::: "memory");
#endif
}

/// Lets the next kernel start as soon as there is room for its blocks. Called before waitForPrevious() where that is
/// wanted: what a product's blocks bring of the weights while norms and gating run is a twentieth of a step at batch 1.
/// Attention, which fills the GPU itself, calls it behind.
__device__ inline void releaseNext()
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
    asm volatile("griddepcontrol.launch_dependents;" ::: "memory");
#endif
}

/// Whether the current GPU knows programmatic dependent launch (Hopper and later).
bool dependentLaunch();

/// A grid of blocks in clusters of `clusterSize`, Hopper and later; 0: no clusters, which is less than clusters of one.
template <class... Parameters, class... Arguments>
void launchClusters(const char* name, void (*kernel)(Parameters...), dim3 grid, int clusterSize, dim3 block,
                    std::size_t sharedBytes, Stream stream, Arguments&&... arguments)
{
    cudaLaunchConfig_t config{};
    config.gridDim = grid;
    config.blockDim = block;
    config.dynamicSmemBytes = sharedBytes;
    config.stream = stream;
    cudaLaunchAttribute attributes[2]{};
    if (dependentLaunch()) {
        attributes[config.numAttrs].id = cudaLaunchAttributeProgrammaticStreamSerialization;
        attributes[config.numAttrs++].val.programmaticStreamSerializationAllowed = 1;
    }
    if (clusterSize > 0) {
        attributes[config.numAttrs].id = cudaLaunchAttributeClusterDimension;
        attributes[config.numAttrs++].val.clusterDim = {static_cast<unsigned>(clusterSize), 1, 1};
    }
    config.attrs = attributes;
    check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...), name);
}

/// kernel<<<grid, block, sharedBytes, stream>>>(args…), checked, with dependent launch where there is such a thing.
template <class... Parameters, class... Arguments>
void launch(const char* name, void (*kernel)(Parameters...), dim3 grid, dim3 block, std::size_t sharedBytes,
            Stream stream, Arguments&&... arguments)
{
    launchClusters(name, kernel, grid, 0, block, sharedBytes, stream, std::forward<Arguments>(arguments)...);
}

/// Raises a kernel's limit of dynamic shared memory, which is 48 KiB less what it declares itself. Once a process and
/// kernel is enough, more often does no harm.
template <class... Parameters>
void allowSharedBytes(void (*kernel)(Parameters...), std::size_t bytes)
{
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          "asking for shared memory");
}

} // namespace eigenquant::kernels
