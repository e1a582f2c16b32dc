// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/block_types.h"
#include "core/io/half_float.h"

// Plain loops without branches, which compilers turn into vector code for whatever machine they build for.
namespace eigenquant {

namespace {

constexpr std::size_t kBlock = 32;

/// 16 bytes: the low nibbles are values 0 to 15, the high ones 16 to 31.
template <class Value>
inline void fromNibbles(const std::byte* in, float* out, Value value)
{
    for (std::size_t i = 0; i < kBlock / 2; ++i)
        out[i] = value(std::to_integer<int>(in[i]) & 15);
    for (std::size_t i = 0; i < kBlock / 2; ++i)
        out[i + kBlock / 2] = value(std::to_integer<int>(in[i]) >> 4);
}

/// fromNibbles() with a fifth bit for each value, which lie in 4 bytes.
template <class Value>
inline void fromFiveBits(const std::byte* high, const std::byte* in, float* out, Value value)
{
    const auto bits = loadUnaligned<std::uint32_t>(high);
    for (unsigned i = 0; i < kBlock / 2; ++i)
        out[i] = value((std::to_integer<int>(in[i]) & 15) | static_cast<int>(bits >> i & 1) << 4);
    for (unsigned i = 0; i < kBlock / 2; ++i)
        out[i + kBlock / 2] =
            value(std::to_integer<int>(in[i]) >> 4 | static_cast<int>(bits >> (i + kBlock / 2) & 1) << 4);
}

void fromQ4_0(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 18, out += kBlock) {
        const float scale = loadHalf(in);
        fromNibbles(in + 2, out, [=](int code) { return static_cast<float>(code - 8) * scale; });
    }
}

void fromQ4_1(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 20, out += kBlock) {
        const float scale = loadHalf(in), minimum = loadHalf(in + 2);
        fromNibbles(in + 4, out, [=](int code) { return static_cast<float>(code) * scale + minimum; });
    }
}

void fromQ5_0(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 22, out += kBlock) {
        const float scale = loadHalf(in);
        fromFiveBits(in + 2, in + 6, out, [=](int code) { return static_cast<float>(code - 16) * scale; });
    }
}

void fromQ5_1(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 24, out += kBlock) {
        const float scale = loadHalf(in), minimum = loadHalf(in + 2);
        fromFiveBits(in + 4, in + 8, out,
                     [=](int code) { return static_cast<float>(code) * scale + minimum; });
    }
}

void fromQ8_0(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 34, out += kBlock) {
        const float scale = loadHalf(in);
        for (std::size_t i = 0; i < kBlock; ++i)
            out[i] = static_cast<float>(loadUnaligned<std::int8_t>(in + 2 + i)) * scale;
    }
}

void fromIQ4NL(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 18, out += kBlock) {
        const float scale = loadHalf(in);
        fromNibbles(in + 2, out, [=](int code) {
            return static_cast<float>(kNonLinearLevels[static_cast<std::size_t>(code)]) * scale;
        });
    }
}

} // namespace

UnpackBlocks blockUnpacker(StoredType type)
{
    switch (type) {
    case StoredType::Q4_0:
        return fromQ4_0;
    case StoredType::Q4_1:
        return fromQ4_1;
    case StoredType::Q5_0:
        return fromQ5_0;
    case StoredType::Q5_1:
        return fromQ5_1;
    case StoredType::Q8_0:
        return fromQ8_0;
    case StoredType::Q2_K:
        return fromQ2K;
    case StoredType::Q3_K:
        return fromQ3K;
    case StoredType::Q4_K:
        return fromQ4K;
    case StoredType::Q5_K:
        return fromQ5K;
    case StoredType::Q6_K:
        return fromQ6K;
    case StoredType::Q8_K:
        return fromQ8K;
    case StoredType::IQ4_NL:
        return fromIQ4NL;
    case StoredType::IQ4_XS:
        return fromIQ4XS;
    default:
        return nullptr;
    }
}

} // namespace eigenquant
