// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cuda.h>

#include <cstdint>

/// Hopper's copy engine and the barriers in shared memory that it completes on (PTX ISA, "mbarrier" and
/// "cp.async.bulk"). Addresses of shared memory are 32-bit.
namespace eigenquant::kernels {

__device__ inline std::uint32_t sharedAddress(const void* pointer)
{
    return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}

__device__ inline void initBarrier(std::uint32_t barrier, int arrivals)
{
    asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}

/// Makes initialised barriers visible to the copy engine.
__device__ inline void fenceBarrierInit()
{
    asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory");
}

/// Arrives, as if by so many threads.
__device__ inline void arrive(std::uint32_t barrier, int count = 1)
{
    asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(count) : "memory");
}

/// Arrives, and has the barrier wait for that many bytes as well.
__device__ inline void arriveExpecting(std::uint32_t barrier, std::uint32_t bytes)
{
    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}

__device__ inline void waitBarrier(std::uint32_t barrier, std::uint32_t phase)
{
    asm volatile("{ .reg .pred done;\n"
                 "again: mbarrier.try_wait.parity.shared::cta.b64 done, [%0], %1;\n"
                 "@!done bra again; }" ::"r"(barrier),
                 "r"(phase)
                 : "memory");
}

/// For what is read once: first to leave the L2 cache.
__device__ inline std::uint64_t evictFirst()
{
    std::uint64_t policy;
    asm volatile("createpolicy.fractional.L2::evict_first.b64 %0, 1.0;" : "=l"(policy));
    return policy;
}

/// bytes, a multiple of 16, from global to shared memory; both 16-byte aligned.
__device__ inline void bulkCopy(std::uint32_t to, const void* from, std::uint32_t bytes, std::uint32_t barrier,
                                std::uint64_t policy)
{
    asm volatile("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.L2::cache_hint "
                 "[%0], [%1], %2, [%3], %4;" ::"r"(to),
                 "l"(from), "r"(bytes), "r"(barrier), "l"(policy)
                 : "memory");
}

/// The box of a tensor map at a column and row; what lies outside of the tensor becomes 0.
__device__ inline void tensorCopy(std::uint32_t to, const CUtensorMap* map, int column, int row, std::uint32_t barrier)
{
    asm volatile("cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3}], "
                 "[%4];" ::"r"(to),
                 "l"(map), "r"(column), "r"(row), "r"(barrier)
                 : "memory");
}

/// The same of a tensor of three dimensions.
__device__ inline void tensorCopy(std::uint32_t to, const CUtensorMap* map, int column, int row, int plane,
                                  std::uint32_t barrier)
{
    asm volatile(
        "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], "
        "[%5];" ::"r"(to),
        "l"(map), "r"(column), "r"(row), "r"(plane), "r"(barrier)
        : "memory");
}

/// Brings bytes, a multiple of 16, to the L2 cache.
__device__ inline void prefetchL2(const void* from, std::uint32_t bytes)
{
    asm volatile("cp.async.bulk.prefetch.L2.global [%0], %1;" ::"l"(from), "r"(bytes) : "memory");
}

__device__ inline void prefetchMap(const CUtensorMap* map)
{
    asm volatile("prefetch.tensormap [%0];" ::"l"(map) : "memory");
}

} // namespace eigenquant::kernels
