// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace eigenquant {

/// How values of a type lie in a file: `blockBytes` bytes hold `blockValues` values.
struct TypeLayout {
    std::uint32_t blockValues = 1;
    std::uint32_t blockBytes = 1;
};
TypeLayout layoutOf(StoredType type);

/// The number of values of a shape without negative dimensions; nothing if the product of its non-zero
/// dimensions passes the range of int64, so that any product of some of its dimensions is safe.
std::optional<std::int64_t> checkedCount(std::span<const std::int64_t> shape);

/// storedBytes() for a shape that comes from a file, without negative dimensions; nothing if its count
/// or its bytes pass the range of 64 bits.
std::optional<std::uint64_t> checkedBytes(StoredType type, std::span<const std::int64_t> shape);

/// "[3, 576]", for messages.
std::string shapeText(std::span<const std::int64_t> shape);

} // namespace eigenquant
