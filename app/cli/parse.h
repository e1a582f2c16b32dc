// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

/// Strict readers of flag values. All throw Error::usage that names the flag.
namespace eigenquant::cli {

/// The most that flags take which count tokens and windows.
constexpr int kMaxTokens = 1 << 20;
constexpr int kMaxWindows = 1 << 30;

/// "1,2,3" as token ids: decimal digits and commas only, at least one id, each below 2^31.
std::vector<std::int32_t> parseIds(std::string_view text);

/// A count of bytes: "4294967296", "512MiB", "4GiB" (KiB, MiB, GiB and TiB are known).
std::uint64_t parseBytes(std::string_view flag, std::string_view text);

/// A decimal integer in [low, high].
std::int64_t parseInteger(std::string_view flag, std::string_view text, std::int64_t low, std::int64_t high);

/// A finite decimal number of at least `low`.
double parseNumber(std::string_view flag, std::string_view text, double low);

} // namespace eigenquant::cli
