// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/dequantize.h"

#include "core/base/error.h"
#include "core/io/block_types.h"
#include "core/io/half_float.h"
#include "core/io/stored_type.h"

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>

namespace eigenquant {

namespace {

void fromDouble(const std::byte* in, float* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = static_cast<float>(loadUnaligned<double>(in + 8 * i));
}

void fromHalf(const std::byte* in, float* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = loadHalf(in + 2 * i);
}

void fromBfloat(const std::byte* in, float* out, std::size_t count)
{
    for (std::size_t i = 0; i < count; ++i)
        out[i] = std::bit_cast<float>(static_cast<std::uint32_t>(loadUnaligned<std::uint16_t>(in + 2 * i)) << 16);
}

} // namespace

bool isFloatLike(StoredType type)
{
    switch (type) {
    case StoredType::F64:
    case StoredType::F32:
    case StoredType::F16:
    case StoredType::BF16:
        return true;
    default:
        return blockUnpacker(type) != nullptr;
    }
}

void dequantize(StoredType type, std::span<const std::byte> bytes, std::span<float> out)
{
    if (bytes.size() != storedBytes(type, out.size()))
        throw Error::internal("a buffer of the wrong size was given for dequantizing");
    if (out.empty())
        return;
    if (const UnpackBlocks unpack = blockUnpacker(type))
        return unpack(bytes.data(), out.data(), out.size() / layoutOf(type).blockValues);
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
