// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>

/// Blocks of a cluster and each other's shared memory (PTX ISA, "barrier.cluster", "mapa", "st.async"; Hopper and
/// later). Addresses are 32-bit: those of shared::cta name the block's own memory, those of shared::cluster any
/// block's.
namespace eigenquant::kernels {

/// Says that this thread has come so far. What it wrote before need not be seen by those that wait, but for
/// barriers that fenceBarrierInit() made visible: a release would take a fence of the whole GPU. All lanes of a
/// warp together.
__device__ inline void arriveAtCluster() { asm volatile("barrier.cluster.arrive.relaxed.aligned;" ::: "memory"); }
/// Waits until all threads of the cluster have arrived. All lanes of a warp together.
__device__ inline void waitForCluster() { asm volatile("barrier.cluster.wait.acquire.aligned;" ::: "memory"); }

/// Where the block of that rank, its number within the cluster, has what lies at `address` here.
__device__ inline std::uint32_t inBlock(std::uint32_t address, int rank)
{
    std::uint32_t remote;
    asm("mapa.shared::cluster.u32 %0, %1, %2;" : "=r"(remote) : "r"(address), "r"(rank));
    return remote;
}

/// Stores four numbers in another block's memory; its barrier there counts their 16 bytes when they have come.
__device__ inline void storeAsync(std::uint32_t remote, const float* v, std::uint32_t remoteBarrier)
{
    asm volatile(
        "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [%0], {%1, %2, %3, %4}, [%5];" ::"r"(
            remote),
        "f"(v[0]), "f"(v[1]), "f"(v[2]), "f"(v[3]), "r"(remoteBarrier)
        : "memory");
}

/// Arrives at another block's barrier, and tells that what that block writes has been read. It
/// orders no writes, which would take a fence of the whole GPU.
__device__ inline void arriveHavingRead(std::uint32_t remoteBarrier)
{
    asm volatile("mbarrier.arrive.shared::cluster.b64 _, [%0];" ::"r"(remoteBarrier) : "memory");
}

/// Waits for a barrier of this block's that other blocks of the cluster arrive at or store to.
__device__ inline void waitBarrierOfCluster(std::uint32_t barrier, std::uint32_t phase)
{
    asm volatile("{ .reg .pred done;\n"
                 "again: mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 done, [%0], %1;\n"
                 "@!done bra again; }" ::"r"(barrier),
                 "r"(phase)
                 : "memory");
}

} // namespace eigenquant::kernels
