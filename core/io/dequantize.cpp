// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/dequantize.h"

#include "core/base/error.h"
#include "core/io/stored_type.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

// Plain loops without branches, which compilers turn into vector code for whatever machine they build
// for. All products below are exact in float32 (an 11-bit scale times a code of at most 8 bits), so
// that contraction to fused multiply-add cannot change a result.
namespace eigenquant {

namespace {

static_assert(std::endian::native == std::endian::little, "the formats and this reader are little endian");

constexpr std::size_t kBlock = 32;

template <class T>
T load(const std::byte* from)
{
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

/// IEEE binary16 to binary32. Subnormals go through a float subtraction instead of a multiplication, so
/// that the result does not depend on the processor's denormals-are-zero mode.
inline float halfToFloat(std::uint16_t half)
{
    const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7FFF) << 13;
    const std::uint32_t normal = magnitude + (112u << 23);
    const std::uint32_t nonFinite = magnitude | 0x7F800000u;
    constexpr std::uint32_t kSmallest = 113u << 23; // 2^-14
    const float subnormal = std::bit_cast<float>(magnitude + kSmallest) - std::bit_cast<float>(kSmallest);
    std::uint32_t bits = magnitude >= (31u << 23) ? nonFinite : normal;
    bits = magnitude < (1u << 23) ? std::bit_cast<std::uint32_t>(subnormal) : bits;
    return std::bit_cast<float>(bits | static_cast<std::uint32_t>(half & 0x8000) << 16);
}

void fromDouble(const std::byte* in, float* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = static_cast<float>(load<double>(in + 8 * i));
}

void fromHalf(const std::byte* in, float* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = halfToFloat(load<std::uint16_t>(in + 2 * i));
}

void fromBfloat(const std::byte* in, float* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(in + 2 * i)) << 16);
}

/// 16 bytes: the low nibbles are values 0 to 15, the high ones 16 to 31. out = (nibble - offset) x scale +
/// minimum.
inline void fromNibbles(const std::byte* in, float* out, int offset, float scale, float minimum)
{
    for (std::size_t i = 0; i < kBlock / 2; ++i)
        out[i] = static_cast<float>((std::to_integer<int>(in[i]) & 15) - offset) * scale + minimum;
    for (std::size_t i = 0; i < kBlock / 2; ++i)
        out[i + kBlock / 2] = static_cast<float>((std::to_integer<int>(in[i]) >> 4) - offset) * scale + minimum;
}

void fromQ4_0(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 18, out += kBlock)
        fromNibbles(in + 2, out, 8, halfToFloat(load<std::uint16_t>(in)), 0.0f);
}

void fromQ4_1(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 20, out += kBlock)
        fromNibbles(in + 4, out, 0, halfToFloat(load<std::uint16_t>(in)),
                    halfToFloat(load<std::uint16_t>(in + 2)));
}

void fromQ8_0(const std::byte* in, float* out, std::size_t blocks)
{
    for (; blocks > 0; --blocks, in += 34, out += kBlock) {
        const float scale = halfToFloat(load<std::uint16_t>(in));
        for (std::size_t i = 0; i < kBlock; ++i)
            out[i] = static_cast<float>(load<std::int8_t>(in + 2 + i)) * scale;
    }
}

} // namespace

bool isFloatLike(StoredType type)
{
    switch (type) {
    case StoredType::F64:
    case StoredType::F32:
    case StoredType::F16:
    case StoredType::BF16:
    case StoredType::Q4_0:
    case StoredType::Q4_1:
    case StoredType::Q8_0:
        return true;
    default:
        return false;
    }
}

void dequantize(StoredType type, std::span<const std::byte> bytes, std::span<float> out)
{
    if (bytes.size() != storedBytes(type, out.size()))
        throw Error::internal("a buffer of the wrong size was given for dequantizing");
    if (out.empty())
        return;
    switch (type) {
    case StoredType::F64:
        return fromDouble(bytes.data(), out.data(), out.size());
    case StoredType::F32:
        std::memcpy(out.data(), bytes.data(), bytes.size());
        return;
    case StoredType::F16:
        return fromHalf(bytes.data(), out.data(), out.size());
    case StoredType::BF16:
        return fromBfloat(bytes.data(), out.data(), out.size());
    case StoredType::Q4_0:
        return fromQ4_0(bytes.data(), out.data(), out.size() / kBlock);
    case StoredType::Q4_1:
        return fromQ4_1(bytes.data(), out.data(), out.size() / kBlock);
    case StoredType::Q8_0:
        return fromQ8_0(bytes.data(), out.data(), out.size() / kBlock);
    default:
        throw Error::internal("an integer tensor was to be dequantized");
    }
}

std::optional<std::size_t> firstNonFinite(std::span<const float> values)
{
    constexpr std::uint32_t kExponent = 0x7F800000u;
    std::uint32_t bad = 0;
    for (const float value : values)
        bad |= (std::bit_cast<std::uint32_t>(value) & kExponent) == kExponent ? 1u : 0u;
    if (bad == 0)
        return std::nullopt;
    std::size_t i = 0;
    while ((std::bit_cast<std::uint32_t>(values[i]) & kExponent) != kExponent)
        ++i;
    return i;
}

} // namespace eigenquant
