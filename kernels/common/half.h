// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

/// The two 16-bit floats of activations and weights, as bits: host code that needs no CUDA header.
namespace eigenquant::kernels {

enum class Element : std::uint8_t { F16, BF16 };

inline std::uint16_t toBf16(float value)
{
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    if (std::isnan(value))
        return static_cast<std::uint16_t>((bits >> 16) | 0x40);
    return static_cast<std::uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16); // to nearest, ties to even
}

inline float fromBf16(std::uint16_t bits)
{
    return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

inline float fromF16(std::uint16_t half)
{
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
    const std::uint32_t exponent = (half >> 10) & 31, mantissa = half & 0x3ff;
    if (exponent == 31)
        return std::bit_cast<float>(sign | 0x7f800000 | mantissa << 13);
    if (exponent == 0) { // zero and subnormals: mantissa · 2^-24
        const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

inline std::uint16_t toF16(float value)
{
    const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
    const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000);
    const float magnitude = std::fabs(value);
    if (std::isnan(value))
        return static_cast<std::uint16_t>(sign | 0x7e00);
    if (magnitude >= 65520.0f) // half way between the largest value and the next: rounds to infinity
        return static_cast<std::uint16_t>(sign | 0x7c00);
    if (magnitude < 0x1p-14f) // subnormal: the rounding of the addition is the rounding to a multiple of 2^-24
        return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(magnitude + 0.5f) - 0x3f000000));
    const std::uint32_t positive = bits & 0x7fffffff;
    return static_cast<std::uint16_t>(sign | ((positive - 0x38000000 + 0xfff + ((positive >> 13) & 1)) >> 13));
}

inline std::uint16_t toElement(float value, Element element)
{
    return element == Element::F16 ? toF16(value) : toBf16(value);
}

inline float fromElement(std::uint16_t bits, Element element)
{
    return element == Element::F16 ? fromF16(bits) : fromBf16(bits);
}

} // namespace eigenquant::kernels
