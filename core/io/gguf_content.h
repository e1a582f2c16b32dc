// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/gguf_metadata.h"
#include "core/io/gguf_split.h"
#include "core/io/tensor_store.h"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

namespace eigenquant {

/// What one GGUF file holds.
struct GgufContent {
    GgufMetadata metadata;
    std::vector<StoredTensor> tensors;
    std::optional<GgufSplit> split; ///< if it is one part of several
};

/// Parses and proves the whole bytes of one file; the tensors point into them. `file` is named in errors,
/// `fileIndex` goes into the tensors. Throws as GgufStore says.
GgufContent parseGguf(std::span<const std::byte> bytes, const std::filesystem::path& file,
                      std::size_t fileIndex = 0);

} // namespace eigenquant
