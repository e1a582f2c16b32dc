// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/parse.h"

#include "app/cli/text_format.h"
#include "core/base/error.h"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>

namespace eigenquant::cli {

namespace {

/// The whole text as a number, or nothing: no blanks, no sign but '-', nothing behind it.
template <class T>
std::optional<T> wholeNumber(std::string_view text)
{
    T value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

Error badValue(std::string_view flag, std::string_view text, std::string expected)
{
    return Error::usage("the value makes no sense")
        .field(std::string(flag))
        .found("\"" + std::string(text) + "\"")
        .expected(std::move(expected));
}

} // namespace

std::vector<std::int32_t> parseIds(std::string_view text)
{
    const std::string expected = "token ids with commas between them, such as 1,2,3";
    std::vector<std::int32_t> ids;
    for (std::size_t start = 0; start <= text.size();) {
        const std::size_t end = std::min(text.find(',', start), text.size());
        const std::string_view item = text.substr(start, end - start);
        const auto id = wholeNumber<std::int32_t>(item);
        if (!id || *id < 0 || item.front() == '-')
            throw badValue("--ids", item, expected);
        ids.push_back(*id);
        start = end + 1;
    }
    return ids;
}

std::uint64_t parseBytes(std::string_view flag, std::string_view text)
{
    constexpr std::array<std::pair<std::string_view, int>, 8> kUnits{{{"KiB", 10},
                                                                      {"MiB", 20},
                                                                      {"GiB", 30},
                                                                      {"TiB", 40},
                                                                      {"K", 10},
                                                                      {"M", 20},
                                                                      {"G", 30},
                                                                      {"T", 40}}};
    std::string_view digits = text;
    int shift = 0;
    for (const auto& [unit, unitShift] : kUnits) {
        if (shift == 0 && text.ends_with(unit)) {
            digits.remove_suffix(unit.size());
            shift = unitShift;
        }
    }
    const auto value = wholeNumber<std::uint64_t>(digits);
    if (!value || *value > (std::numeric_limits<std::uint64_t>::max() >> shift))
        throw badValue(flag, text, "a count of bytes, such as 4294967296 or 4GiB");
    return *value << shift;
}

std::int64_t parseInteger(std::string_view flag, std::string_view text, std::int64_t low, std::int64_t high)
{
    const auto value = wholeNumber<std::int64_t>(text);
    if (!value || *value < low || *value > high)
        throw badValue(flag, text,
                       high == std::numeric_limits<std::int64_t>::max()
                           ? "an integer of at least " + std::to_string(low)
                           : "an integer from " + std::to_string(low) + " to " + std::to_string(high));
    return *value;
}

double parseNumber(std::string_view flag, std::string_view text, double low)
{
    const auto value = wholeNumber<double>(text);
    if (!value || !std::isfinite(*value) || *value < low)
        throw badValue(flag, text, "a number of at least " + significant(low, 6));
    return *value;
}

} // namespace eigenquant::cli
