// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

namespace eigenquant {

/// "1.25 GiB", as errors about memory say it.
inline std::string gibibytes(std::uint64_t bytes)
{
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.2f GiB", static_cast<double>(bytes) / (1ull << 30));
    return text.data();
}

} // namespace eigenquant
