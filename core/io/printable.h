// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace eigenquant {

/// Untrusted text made fit for a message: control characters and invalid UTF-8 become \xNN, and what
/// passes `limit` bytes is cut off with "...". The result is always valid UTF-8.
std::string printable(std::string_view text, std::size_t limit = 120);

} // namespace eigenquant
