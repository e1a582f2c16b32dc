// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <limits>
#include <string>

namespace eigenquant::cli {

/// A figure that is not known.
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// How often a text holds another.
inline std::size_t countOf(const std::string& text, const std::string& part)
{
    std::size_t count = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        ++count;
    return count;
}

} // namespace eigenquant::cli
