// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/tensor_store.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant {

/// The longest header the format allows, in bytes.
inline constexpr std::uint64_t kMaxSafetensorsHeader = 100'000'000;
/// The most dimensions that we take, read or written.
inline constexpr std::size_t kMaxSafetensorsDims = 8;
/// The member of the header that is no tensor.
inline constexpr std::string_view kSafetensorsMetadataKey = "__metadata__";

/// What one safetensors file holds.
struct SafetensorsContent {
    std::vector<StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// Parses and proves the whole bytes of one file; the tensors point into them. `file` is named in errors,
/// `fileIndex` goes into the tensors. Throws as SafetensorsStore says.
SafetensorsContent parseSafetensors(std::span<const std::byte> bytes, const std::filesystem::path& file,
                                    std::size_t fileIndex);

} // namespace eigenquant
