// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace eigenquant {

struct GgufContent;
struct GgufSplit;

/// One metadata value of a GGUF file. Integers of every width become int64 (uint64 above its range is
/// refused), floats double.
using GgufValue = std::variant<bool, std::int64_t, double, std::string, std::vector<bool>,
                               std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>>;

/// Strict reader of GGUF v2 and v3 (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md), little
/// endian: strings and arrays bounded by what is left of the file, at most 4 dimensions, products
/// checked for overflow, alignment a power of two, offsets equal to the running padded sum, rows a
/// multiple of the block, every byte proved inside the file. Tensor types F32, F16, BF16, Q4_0, Q4_1, Q5_0,
/// Q5_1, Q8_0, the K-quants Q2_K to Q8_K, IQ4_NL and IQ4_XS; others are Unsupported, by name. Shapes are given
/// slowest dimension first (GGUF's reversed).
class GgufStore : public TensorStore {
public:
    /// A model in one file, or any part of one that is split over several, which are then all opened: they are
    /// found by their names, NAME-00001-of-00003.gguf, and must agree with each other.
    static std::shared_ptr<const GgufStore> open(const std::filesystem::path& file);

    /// Of the first part.
    const std::map<std::string, GgufValue, std::less<>>& metadata() const { return m_metadata; }

    /// Typed look-ups: throw Error::invalid naming the key when it is missing (without fallback) or has
    /// another type.
    std::int64_t integer(std::string_view key) const;
    std::optional<std::int64_t> integerIf(std::string_view key) const;
    std::optional<double> realIf(std::string_view key) const; ///< integers are taken too
    std::string text(std::string_view key) const;
    std::optional<std::string> textIf(std::string_view key) const;
    std::optional<bool> flagIf(std::string_view key) const;
    const std::vector<std::string>& texts(std::string_view key) const;
    const std::vector<std::int64_t>* integersIf(std::string_view key) const;
    const std::vector<double>* realsIf(std::string_view key) const;

private:
    GgufStore() = default;
    GgufContent openParts(GgufSplit split, const std::filesystem::path& file);
    std::map<std::string, GgufValue, std::less<>> m_metadata;
    std::vector<std::shared_ptr<const class MappedFile>> m_mappings;
};

} // namespace eigenquant
