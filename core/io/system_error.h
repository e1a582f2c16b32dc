// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"

#include <filesystem>
#include <string>

namespace eigenquant {

/// The Error for a failed system call: Error::resources when the disk, quota or memory is exhausted,
/// Error::io otherwise. `number` is errno; `summary` says what was attempted, e.g. "cannot write".
Error systemError(int number, const std::filesystem::path& file, const std::string& summary);

} // namespace eigenquant
