// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/half.h"

#include <cstdint>

/// What every GPU from compute capability 8.0 on has for products of matrices: asynchronous copies to shared
/// memory, loads of fragments from it, and the tensor cores' m16n8k16 (PTX ISA, "cp.async", "ldmatrix", "mma",
/// "movmatrix").
namespace eigenquant::kernels {

/// Copies `bytes`, 0 … 16, and fills up with zeros to 16. Both addresses are 16-byte aligned.
__device__ inline void copyAsync16(void* shared, const void* global, int bytes)
{
    const auto to = static_cast<std::uint32_t>(__cvta_generic_to_shared(shared));
    asm volatile("cp.async.cg.shared.global.L2::128B [%0], [%1], 16, %2;" ::"r"(to), "l"(global), "r"(bytes)
                 : "memory");
}

/// Ends a group of copies.
__device__ inline void commitCopies()
{
    asm volatile("cp.async.commit_group;" ::: "memory");
}

/// Waits until at most `pending`, 0 … 5, of this thread's groups are under way.
__device__ inline void waitCopies(int pending)
{
    switch (pending) {
    case 0:
        asm volatile("cp.async.wait_group 0;" ::: "memory");
        break;
    case 1:
        asm volatile("cp.async.wait_group 1;" ::: "memory");
        break;
    case 2:
        asm volatile("cp.async.wait_group 2;" ::: "memory");
        break;
    case 3:
        asm volatile("cp.async.wait_group 3;" ::: "memory");
        break;
    case 4:
        asm volatile("cp.async.wait_group 4;" ::: "memory");
        break;
    default:
        asm volatile("cp.async.wait_group 5;" ::: "memory");
    }
}

/// Four matrices of 8 x 8 16-bit numbers; lane l gives the address of row l % 8 of matrix l / 8 and gets of each
/// the pair in row l / 4 and columns 2·(l % 4) and one more.
__device__ inline void loadMatrices(std::uint32_t (&out)[4], const void* row)
{
    const auto from = static_cast<std::uint32_t>(__cvta_generic_to_shared(row));
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(out[0]), "=r"(out[1]), "=r"(out[2]), "=r"(out[3])
                 : "r"(from)
                 : "memory");
}

/// The transpose of an 8 x 8 matrix that lies over the warp as loadMatrices() gives it.
__device__ inline std::uint32_t transposedMatrix(std::uint32_t pair)
{
    std::uint32_t result;
    asm("movmatrix.sync.aligned.m8n8.trans.b16 %0, %1;" : "=r"(result) : "r"(pair));
    return result;
}

/// sums[16 x 8] += a[16 x 16]·b[16 x 8]. Lane 4g + t has sums of rows g (0, 1) and g + 8 (2, 3), columns 2t, 2t
/// + 1.
template <Element element>
__device__ inline void multiplyAdd(float (&sums)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                                   std::uint32_t b1)
{
    if constexpr (element == Element::F16)
        asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
    else
        asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
            "{%0, %1, %2, %3};"
            : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
            : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

} // namespace eigenquant::kernels
