// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace eigenquant {

/// Throws the most helpful error for a file whose first bytes are not those of the `expected` format,
/// judged by its content alone: Error::unsupported for a pickle, a zip archive (PyTorch checkpoint,
/// wheel) or an old GGML file, Error::invalid for anything else, such as a Git LFS pointer.
[[noreturn]] void refuseForeignFile(std::span<const std::byte> content, const std::filesystem::path& file,
                                    const std::string& expected);

} // namespace eigenquant
