// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/decode/element.cuh"

#include <cstdint>

/// A row of channels on its way out in another order: the row lies in shared memory, where reads in an arbitrary order
/// are several times faster than through the first-level cache, and threads write two neighbouring outputs at a time.
/// The order is a weight: a kernel fetches its share into registers while the kernel before still runs, so that after
/// the row is there, only shared memory lies between it and the output.
namespace eigenquant::kernels {

/// The order of a row, as the threads of a block hold it: thread t has pairs t, t + blockDim, … of outputs, and the
/// first `Pairs` of them in registers, two channels in each. That needs rows of fewer than 65536 channels.
template <int Pairs>
class FetchedOrder {
public:
    /// order: [width], 8-byte aligned; width is even. Waits for no kernel.
    __device__ void fetch(const std::int32_t* order, int width)
    {
#pragma unroll
        for (int p = 0; p < Pairs; ++p) {
            const int pair = threadIdx.x + p * blockDim.x;
            m_channels[p] = 2 * pair < width ? joined(reinterpret_cast<const int2*>(order)[pair]) : 0;
        }
    }

    /// out[j] = row[order[j]], with what fetch() was given. row: [width] in shared memory; out: 4-byte aligned.
    template <class T>
    __device__ void write(const T* row, const std::int32_t* order, T* out, int width) const
    {
        auto* words = reinterpret_cast<std::uint32_t*>(out);
        std::uint32_t found[Pairs]; // all reads, then all writes: they need not wait for each other
#pragma unroll
        for (int p = 0; p < Pairs; ++p)
            found[p] = picked(row, m_channels[p]);
#pragma unroll
        for (int p = 0; p < Pairs; ++p)
            if (const int pair = threadIdx.x + p * blockDim.x; 2 * pair < width)
                words[pair] = found[p];
        for (int pair = threadIdx.x + Pairs * blockDim.x; 2 * pair < width; pair += blockDim.x)
            words[pair] = picked(row, joined(reinterpret_cast<const int2*>(order)[pair]));
    }

private:
    __device__ static std::uint32_t joined(int2 channels)
    {
        return static_cast<std::uint32_t>(channels.x) | static_cast<std::uint32_t>(channels.y) << 16;
    }

    template <class T>
    __device__ static std::uint32_t picked(const T* row, std::uint32_t channels)
    {
        const T both[2] = {row[channels & 0xffff], row[channels >> 16]};
        std::uint32_t word;
        memcpy(&word, both, sizeof word);
        return word;
    }

    std::uint32_t m_channels[Pairs];
};

/// Whether FetchedOrder can write rows of this width and stride, in elements.
inline bool inPairs(const std::int32_t* order, const void* out, std::int64_t outStride, int width)
{
    return width % 2 == 0 && width < 65536 && outStride % 2 == 0 && reinterpret_cast<std::uintptr_t>(order) % 8 == 0 &&
           reinterpret_cast<std::uintptr_t>(out) % 4 == 0;
}

/// The same for any width and alignment, one channel at a time.
template <class T>
__device__ void writeInOrder(const T* row, const std::int32_t* order, T* out, int width)
{
    for (int j = threadIdx.x; j < width; j += blockDim.x)
        out[j] = row[order[j]];
}

} // namespace eigenquant::kernels
