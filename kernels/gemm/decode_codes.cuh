// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "kernels/common/half.h"
#include "kernels/layout/mixed_layout.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

#include <cstdint>

/// From the words of a code block to the registers of a tensor core's A operand; mixed_layout.h says how codes lie.
///
/// A code c becomes a float without a conversion: or-ed into the mantissa of an F16 it reads 1024 + c·2^shift, and one
/// addition or multiplication-addition, exact, makes c - zero of it (after "Who Says Elephants Can't Run", Kim et al.,
/// arXiv 2211.10017). The product with the scale is the only rounding. BF16 has too short a mantissa for this: there
/// c - zero is made as F16, multiplied in float32 and rounded once.
namespace eigenquant::kernels {

/// (a & mask) | bits, one instruction.
template <std::uint32_t mask, std::uint32_t bits>
__device__ inline std::uint32_t maskedOr(std::uint32_t a)
{
    std::uint32_t result;
    asm("lop3.b32 %0, %1, %2, %3, 0xea;" : "=r"(result) : "r"(a), "n"(mask), "n"(bits));
    return result;
}

__device__ inline __half2 asHalf2(std::uint32_t bits) { return *reinterpret_cast<const __half2*>(&bits); }
__device__ inline std::uint32_t asBits(__half2 value) { return *reinterpret_cast<const std::uint32_t*>(&value); }
__device__ inline std::uint32_t asBits(__nv_bfloat162 value) { return *reinterpret_cast<const std::uint32_t*>(&value); }

/// The scales and zero points of one group for the two rows of a lane, g and g + 8.
template <Element element>
struct GridScales {
    __half2 scale[2]; ///< twice the same
    __half2 zero[2];  ///< 1024 + zero, twice: what a code of shift 0 is lowered by

    __device__ void set(int row, std::uint16_t scaleBits, std::uint32_t zeroPoint)
    {
        scale[row] = __half2half2(__ushort_as_half(scaleBits));
        zero[row] = __half2half2(__ushort_as_half(static_cast<std::uint16_t>(0x6400u | zeroPoint)));
    }

    /// (c - zero)·scale, or c - zero, of `raw`, which reads 1024 + c·2^shift twice over.
    template <int shift, int row, bool scaled>
    __device__ std::uint32_t weight(std::uint32_t raw) const
    {
        __half2 difference;
        if constexpr (shift == 0) {
            difference = __hsub2(asHalf2(raw), zero[row]);
        } else {
            // 1024·2^-shift + c, lowered by 1024·2^-shift + zero: 1024 + zero less 1024 - 1024·2^-shift, both exact.
            const __half2 raised = __hsub2(zero[row], __float2half2_rn(1024.0f - 1024.0f / (1 << shift)));
            difference = __hfma2(asHalf2(raw), __float2half2_rn(1.0f / (1 << shift)), __hneg2(raised));
        }
        if constexpr (element == Element::F16) {
            return asBits(scaled ? __hmul2(difference, scale[row]) : difference);
        } else {
            const float2 wide = __half22float2(difference);
            const float factor = scaled ? __low2float(scale[row]) : 1.0f;
            return asBits(__floats2bfloat162_rn(wide.x * factor, wide.y * factor));
        }
    }
};

inline constexpr std::uint32_t kMagic = 0x64006400; // F16 1024, twice

/// Codes on a grid. words[bits] are those of a half block, 64 columns; a[4] becomes the fragment of one of its
/// four steps of 16 columns. Pair p of a step belongs to the row g if p is even, else to g + 8. Not scaled,
/// weights are small integers, exact, whose sums are to be scaled.
template <Element element, int bits, bool scaled = true>
struct GridDecoder;

template <Element element, bool scaled>
struct GridDecoder<element, 4, scaled> {
    template <int step>
    __device__ static void decode(const std::uint32_t (&words)[4], const GridScales<element>& scales,
                                  std::uint32_t (&a)[4])
    {
        const std::uint32_t low = words[step], high = words[step] >> 8;
        a[0] = scales.template weight<0, 0, scaled>(maskedOr<0x000f000f, kMagic>(low));
        a[1] = scales.template weight<4, 1, scaled>(maskedOr<0x00f000f0, kMagic>(low));
        a[2] = scales.template weight<0, 0, scaled>(maskedOr<0x000f000f, kMagic>(high));
        a[3] = scales.template weight<4, 1, scaled>(maskedOr<0x00f000f0, kMagic>(high));
    }
};

template <Element element, bool scaled>
struct GridDecoder<element, 3, scaled> {
    template <int step>
    __device__ static void decode(const std::uint32_t (&words)[3], const GridScales<element>& scales,
                                  std::uint32_t (&a)[4])
    {
        a[0] = pair<4 * step, 0>(words, scales);
        a[1] = pair<4 * step + 1, 1>(words, scales);
        a[2] = pair<4 * step + 2, 0>(words, scales);
        a[3] = pair<4 * step + 3, 1>(words, scales);
    }

private:
    template <int number, int row>
    __device__ static std::uint32_t pair(const std::uint32_t (&words)[3], const GridScales<element>& scales)
    {
        constexpr int place = number % 5; // of five in a word
        if constexpr (number == 15) {
            const std::uint32_t code = ((words[0] >> 15) & 0x00010001) | ((words[1] >> 14) & 0x00020002) |
                                       ((words[2] >> 13) & 0x00040004);
            return scales.template weight<0, row, scaled>(code | kMagic);
        } else if constexpr (place == 0) {
            return scales.template weight<0, row, scaled>(maskedOr<0x00070007, kMagic>(words[number / 5]));
        } else if constexpr (place % 2 == 1) {
            return scales.template weight<3, row, scaled>(
                maskedOr<0x00380038, kMagic>(words[number / 5] >> (place / 2 * 6)));
        } else {
            return scales.template weight<6, row, scaled>(
                maskedOr<0x01c001c0, kMagic>(words[number / 5] >> ((place / 2 - 1) * 6)));
        }
    }
};

/// A codebook of 2^bits elements, looked up with byte permutations: low bytes and high bytes apart, eight to a pair of
/// registers.
template <int bits>
struct CodebookDecoder {
    static constexpr int kRegisters = (1 << bits) / 4;
    std::uint32_t low[kRegisters], high[kRegisters];

    __device__ void load(const std::uint16_t* codebook)
    {
#pragma unroll
        for (int i = 0; i < kRegisters; ++i) {
            const std::uint32_t first = codebook[4 * i] | static_cast<std::uint32_t>(codebook[4 * i + 1]) << 16;
            const std::uint32_t second = codebook[4 * i + 2] | static_cast<std::uint32_t>(codebook[4 * i + 3]) << 16;
            low[i] = __byte_perm(first, second, 0x6420);
            high[i] = __byte_perm(first, second, 0x7531);
        }
    }

    template <int step>
    __device__ void decode(const std::uint32_t (&words)[bits], std::uint32_t (&a)[4]) const
    {
        const std::uint32_t codes = nibbles<step>(words);
        std::uint32_t firstLow, firstHigh, secondLow, secondHigh; // of pairs 0 … 3: their first and second elements
        lookUp(codes, firstLow, firstHigh);
        lookUp(codes >> 16, secondLow, secondHigh);
#pragma unroll
        for (int half = 0; half < 2; ++half) {
            const std::uint32_t pick = half == 0 ? 0x5140 : 0x7362;
            const std::uint32_t first = __byte_perm(firstLow, firstHigh, pick);
            const std::uint32_t second = __byte_perm(secondLow, secondHigh, pick);
            a[2 * half] = __byte_perm(first, second, 0x5410);
            a[2 * half + 1] = __byte_perm(first, second, 0x7632);
        }
    }

private:
    /// The step's codes as nibbles: p holds the first element of pair p, 4 + p the second.
    template <int step>
    __device__ static std::uint32_t nibbles(const std::uint32_t (&words)[bits])
    {
        if constexpr (bits == 4) {
            return words[step];
        } else {
            std::uint32_t codes = 0;
#pragma unroll
            for (int p = 0; p < 4; ++p) {
                const int number = 4 * step + p;
                const std::uint32_t code = number < 15
                                               ? (words[number / 5] >> (number % 5 * 3)) & 0x00070007
                                               : ((words[0] >> 15) & 0x00010001) | ((words[1] >> 14) & 0x00020002) |
                                                     ((words[2] >> 13) & 0x00040004);
                codes |= code << (4 * p);
            }
            return codes;
        }
    }

    /// Bytes of the four values whose codes are the four lowest nibbles.
    __device__ void lookUp(std::uint32_t codes, std::uint32_t& lowBytes, std::uint32_t& highBytes) const
    {
        const std::uint32_t select = codes & 0x7777;
        lowBytes = __byte_perm(low[0], low[1], select);
        highBytes = __byte_perm(high[0], high[1], select);
        if constexpr (bits == 4) {
            const std::uint32_t upper = __byte_perm(0x0000ff00, 0, (codes >> 3) & 0x1111); // 255 where code > 7
            lowBytes = (lowBytes & ~upper) | (__byte_perm(low[2], low[3], select) & upper);
            highBytes = (highBytes & ~upper) | (__byte_perm(high[2], high[3], select) & upper);
        }
    }
};

} // namespace eigenquant::kernels
