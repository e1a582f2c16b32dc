// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/core/io/io_test.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant::test {

/// Writes GGUF files field by field, so that a test can make any one of them wrong.
struct GgufBuilder {
    std::string magic = "GGUF";
    std::uint32_t version = 3;
    std::vector<std::string> entries; ///< metadata, each as entry() makes it
    std::vector<std::string> tensors; ///< the table, each as tensor() makes it
    std::string data;
    std::uint64_t alignment = 32;
    std::int64_t tensorCount = -1; ///< what the header says; negative: the truth
    std::int64_t entryCount = -1;

    /// Header, metadata, table, padding, data.
    std::string file() const;

    static std::string text(std::string_view value);
    /// A metadata entry of a type number and the raw bytes of its value.
    static std::string entry(std::string_view key, std::uint32_t type, std::string_view value);
    /// A line of the table; dimensions fastest first, as in the file.
    static std::string tensor(std::string_view name, const std::vector<std::uint64_t>& dims, std::uint32_t type,
                              std::uint64_t offset);
    /// One F32 tensor "w" of 3 x 8, valid.
    static GgufBuilder valid();
};

} // namespace eigenquant::test
