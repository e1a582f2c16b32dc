// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/gguf.h"
#include "core/io/gguf_cursor.h"

#include <cstdint>
#include <map>
#include <string>

namespace eigenquant {

using GgufMetadata = std::map<std::string, GgufValue, std::less<>>;

/// The least number of bytes that a metadata entry takes: key length, type, a value of one byte.
inline constexpr std::uint64_t kSmallestGgufEntry = 8 + 4 + 1;

/// Reads `count` metadata entries. Throws Error::invalid for a broken one or a doubled key,
/// Error::unsupported for nested arrays.
GgufMetadata readGgufMetadata(GgufCursor& cursor, std::uint64_t count);

} // namespace eigenquant
