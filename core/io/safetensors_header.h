// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/mapped_file.h"
#include "core/io/tensor_store.h"

#include <cstdint>
#include <map>
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

/// What one safetensors file holds; the tensors' bytes lie in the mapping.
struct SafetensorsContent {
    std::vector<StoredTensor> tensors;
    std::map<std::string, std::string> metadata;
};

/// Parses and proves one file. `fileIndex` goes into the tensors. Throws as SafetensorsStore says.
SafetensorsContent parseSafetensors(const MappedFile& mapping, std::size_t fileIndex);

} // namespace eigenquant
