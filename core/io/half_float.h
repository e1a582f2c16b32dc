// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace eigenquant {

static_assert(std::endian::native == std::endian::little, "the formats and their readers are little endian");

/// The value at an address that need not be aligned.
template <class T>
inline T loadUnaligned(const std::byte* from)
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

inline float loadHalf(const std::byte* from)
{
    return halfToFloat(loadUnaligned<std::uint16_t>(from));
}

} // namespace eigenquant
