// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace eigenquant::cli {

/// Keys keep the order in which they were set.
using Json = nlohmann::ordered_json;

/// A number, or null if it is not finite: JSON has no other word for it.
Json number(double value);
Json numbers(const std::vector<double>& values);
/// The text, or null if it is empty.
Json textOrNull(const std::string& text);
/// One line of JSON with a newline; bytes that are not UTF-8 (a path may have them) become U+FFFD.
std::string toLine(const Json& value);

} // namespace eigenquant::cli
