// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cuda_runtime.h>

#include <cstdint>

/// The instructions that only the column kernels need and C++ has no word for.
namespace eigenquant::kernels::columns {

/// Bytes of {a, b} by the nibbles of the selector, whose fourth bits must be zero.
__device__ inline std::uint32_t pickBytes(std::uint32_t a, std::uint32_t b, std::uint32_t selector)
{
    std::uint32_t picked;
    asm("prmt.b32 %0, %1, %2, %3;" : "=r"(picked) : "r"(a), "r"(b), "r"(selector));
    return picked;
}

/// As copyAsync16(), four bytes.
__device__ inline void copyAsync4(void* shared, const void* global)
{
    const auto to = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.ca.shared.global [%0], [%1], 4;" ::"r"(to), "l"(global) : "memory");
}

/// Where sixteen copies of levels begin in the address space of shared memory: a constant, so that looking a level
/// up takes no addition. What a kernel asks for begins below, behind the 1 KiB that the system may keep for
/// itself.
inline constexpr int kCopiesAddress = 2048;

__device__ inline unsigned char* copiesOf(unsigned char* shared)
{
    const auto begin = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    if (begin > kCopiesAddress)
        __trap();
    return shared + (kCopiesAddress - begin);
}

__device__ inline std::uint32_t loadCopied(std::uint32_t offset)
{
    std::uint32_t level;
    asm("ld.shared.u16 %0, [%1 + 2048];" : "=r"(level) : "r"(offset));
    static_assert(kCopiesAddress == 2048);
    return level;
}

/// A barrier of its own number for `threads` threads of the block.
__device__ inline void joinBarrier(int number, int threads)
{
    asm volatile("bar.sync %0, %1;" ::"r"(number), "r"(threads) : "memory");
}

} // namespace eigenquant::kernels::columns
