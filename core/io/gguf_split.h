// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/gguf_metadata.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace eigenquant {

/// What a part of a model that is split over several GGUF files says of itself.
struct GgufSplit {
    std::int64_t number = 0; ///< from 0 on, as in the file
    std::int64_t count = 1;
    std::optional<std::int64_t> tensors; ///< of all parts together
};

/// Nothing for a model in one file. Throws Error::invalid for numbers that make no sense.
std::optional<GgufSplit> ggufSplit(const GgufMetadata& metadata, const std::filesystem::path& file);

/// All parts of the model that `file` is one of, in order; their names follow from its own, as
/// NAME-00001-of-00003.gguf. Throws Error::invalid for a name that does not agree with what the file says, and
/// naming the parts that are missing.
std::vector<std::filesystem::path> ggufParts(const GgufSplit& split, const std::filesystem::path& file);

/// The GGUF model of a folder that holds one, in one file or in parts (the first is given); nothing if there is
/// none. Throws Error::invalid naming them if there are several.
std::optional<std::filesystem::path> ggufInFolder(const std::filesystem::path& folder);

} // namespace eigenquant
