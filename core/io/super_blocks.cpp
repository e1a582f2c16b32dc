// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/block_types.h"
#include "core/io/half_float.h"

// Blocks of 256 values: 8 groups of 32, or 16 of 16, each with a scale that is quantized itself. The bytes are
// those of ggml's block_q2_K to block_iq4_xs. Every format is walked in groups of 32, in which a byte gives
// one value at a fixed shift.
namespace eigenquant {

namespace {

constexpr std::size_t kSuper = 256;
constexpr std::size_t kGroup = 32;
constexpr std::size_t kGroups = kSuper / kGroup;

inline int byteAt(const std::byte* in, std::size_t index)
{
    return std::to_integer<int>(in[index]);
}

/// Scale and minimum of each group, 6 bits each in 12 bytes.
struct ScalesAndMinima {
    std::array<int, kGroups> scales;
    std::array<int, kGroups> minima;

    explicit ScalesAndMinima(const std::byte* in)
    {
        for (std::size_t i = 0; i < 4; ++i) {
            const int first = byteAt(in, i), second = byteAt(in, 4 + i), low = byteAt(in, 8 + i);
            scales[i] = first & 63;
            minima[i] = second & 63;
            scales[4 + i] = (low & 15) | (first >> 2 & 0x30);
            minima[4 + i] = low >> 4 | (second >> 2 & 0x30);
        }
    }
};

/// The 16 scales of Q3_K, 6 bits each in 12 bytes, with 32 for zero.
std::array<int, 16> scalesOfQ3K(const std::byte* in)
{
    std::array<int, 16> scales{};
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const int low = byteAt(in, i % 8) >> 4 * (i / 8) & 15;
        const int high = byteAt(in, 8 + i % 4) >> 2 * (i / 4) & 3;
        scales[i] = (low | high << 4) - 32;
    }
    return scales;
}

} // namespace

void fromQ2K(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 84, out += kSuper) {
        const float scale = loadHalf(in + 80), minimum = loadHalf(in + 82);
        for (std::size_t sub = 0; sub < 16; ++sub) {
            const float subScale = scale * static_cast<float>(byteAt(in, sub) & 15);
            const float subMinimum = minimum * static_cast<float>(byteAt(in, sub) >> 4);
            const std::byte* codes = in + 16 + sub / 8 * kGroup + sub % 2 * 16;
            const auto shift = static_cast<int>(sub % 8 / 2 * 2);
            for (std::size_t i = 0; i < 16; ++i)
                out[16 * sub + i] = subScale * static_cast<float>(byteAt(codes, i) >> shift & 3) - subMinimum;
        }
    }
}

void fromQ3K(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 110, out += kSuper) {
        const float scale = loadHalf(in + 108);
        const auto scales = scalesOfQ3K(in + 96);
        for (std::size_t sub = 0; sub < 16; ++sub) {
            const float subScale = scale * static_cast<float>(scales[sub]);
            const std::byte* high = in + sub % 2 * 16;
            const std::byte* codes = in + 32 + sub / 8 * kGroup + sub % 2 * 16;
            const auto bit = static_cast<int>(sub / 2);
            const auto shift = static_cast<int>(sub % 8 / 2 * 2);
            for (std::size_t i = 0; i < 16; ++i) {
                // A set bit means that nothing is taken off.
                const int code = (byteAt(codes, i) >> shift & 3) - 4 + (byteAt(high, i) >> bit & 1) * 4;
                out[16 * sub + i] = subScale * static_cast<float>(code);
            }
        }
    }
}

void fromQ4K(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 144, out += kSuper) {
        const float scale = loadHalf(in), minimum = loadHalf(in + 2);
        const ScalesAndMinima sub(in + 4);
        for (std::size_t group = 0; group < kGroups; ++group) {
            const float groupScale = scale * static_cast<float>(sub.scales[group]);
            const float groupMinimum = minimum * static_cast<float>(sub.minima[group]);
            const std::byte* codes = in + 16 + group / 2 * kGroup;
            const auto shift = static_cast<int>(group % 2 * 4);
            for (std::size_t i = 0; i < kGroup; ++i)
                out[kGroup * group + i] =
                    groupScale * static_cast<float>(byteAt(codes, i) >> shift & 15) - groupMinimum;
        }
    }
}

void fromQ5K(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 176, out += kSuper) {
        const float scale = loadHalf(in), minimum = loadHalf(in + 2);
        const ScalesAndMinima sub(in + 4);
        const std::byte* high = in + 16;
        for (std::size_t group = 0; group < kGroups; ++group) {
            const float groupScale = scale * static_cast<float>(sub.scales[group]);
            const float groupMinimum = minimum * static_cast<float>(sub.minima[group]);
            const std::byte* codes = in + 48 + group / 2 * kGroup;
            const auto shift = static_cast<int>(group % 2 * 4);
            for (std::size_t i = 0; i < kGroup; ++i) {
                const int code = (byteAt(codes, i) >> shift & 15) | (byteAt(high, i) >> group & 1) << 4;
                out[kGroup * group + i] = groupScale * static_cast<float>(code) - groupMinimum;
            }
        }
    }
}

void fromQ6K(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 210, out += kSuper) {
        const float scale = loadHalf(in + 208);
        for (std::size_t sub = 0; sub < 16; ++sub) {
            const std::size_t group = sub / 2;
            const float subScale = scale * static_cast<float>(loadUnaligned<std::int8_t>(in + 192 + sub));
            const std::byte* low = in + group / 4 * 64 + group % 2 * kGroup + sub % 2 * 16;
            const std::byte* high = in + 128 + group / 4 * kGroup + sub % 2 * 16;
            const auto lowShift = static_cast<int>(group % 4 / 2 * 4);
            const auto highShift = static_cast<int>(group % 4 * 2);
            for (std::size_t i = 0; i < 16; ++i) {
                const int code =
                    ((byteAt(low, i) >> lowShift & 15) | (byteAt(high, i) >> highShift & 3) << 4) - 32;
                out[16 * sub + i] = subScale * static_cast<float>(code);
            }
        }
    }
}

void fromQ8K(const std::byte* in, float* out, std::size_t blocks)
{
    // A float32 scale, the codes, and sums of 16 codes each, which only products need.
    for (; blocks > 0; --blocks, in += 4 + kSuper + 32, out += kSuper) {
        const auto scale = loadUnaligned<float>(in);
        for (std::size_t i = 0; i < kSuper; ++i)
            out[i] = scale * static_cast<float>(loadUnaligned<std::int8_t>(in + 4 + i));
    }
}

void fromIQ4XS(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 136, out += kSuper) {
        const float scale = loadHalf(in);
        const auto high = loadUnaligned<std::uint16_t>(in + 2);
        for (std::size_t group = 0; group < kGroups; ++group) {
            const int low = byteAt(in + 4, group / 2) >> group % 2 * 4 & 15;
            const float groupScale = scale * static_cast<float>((low | (high >> 2 * group & 3) << 4) - 32);
            const std::byte* codes = in + 8 + group * 16;
            const auto level = [&](int code) {
                return groupScale * static_cast<float>(kNonLinearLevels[static_cast<std::size_t>(code)]);
            };
            for (std::size_t i = 0; i < 16; ++i)
                out[kGroup * group + i] = level(byteAt(codes, i) & 15);
            for (std::size_t i = 0; i < 16; ++i)
                out[kGroup * group + 16 + i] = level(byteAt(codes, i) >> 4);
        }
    }
}

} // namespace eigenquant
