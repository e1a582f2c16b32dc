// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace eigenquant::cli {

namespace {

constexpr const char* kNotANumber = "n/a";

std::string toChars(double value, std::chars_format format, int precision)
{
    // The longest double in fixed notation has 309 digits before the point.
    std::array<char, 400> buffer;
    const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format, precision).ptr;
    return {buffer.data(), end};
}

std::string twoDigits(std::int64_t value)
{
    return (value < 10 ? "0" : "") + std::to_string(value);
}

/// Characters of UTF-8 text, which is what a terminal gives a cell each to.
std::size_t displayWidth(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

} // namespace

std::string grouped(std::int64_t value)
{
    std::string digits = std::to_string(value);
    const std::size_t first = value < 0 ? 1 : 0;
    for (std::size_t at = digits.size(); at > first + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

std::string fixed(double value, int decimals)
{
    return std::isfinite(value) ? toChars(value, std::chars_format::fixed, decimals) : kNotANumber;
}

std::string significant(double value, int digits)
{
    return std::isfinite(value) ? toChars(value, std::chars_format::general, digits) : kNotANumber;
}

std::string byteSize(std::uint64_t bytes)
{
    if (bytes < 1024)
        return std::to_string(bytes) + " B";
    constexpr std::array kUnits{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(bytes) / 1024;
    std::size_t unit = 0;
    for (; value >= 1023.95 && unit + 1 < kUnits.size(); ++unit)
        value /= 1024;
    return fixed(value, 1) + " " + kUnits[unit];
}

std::string duration(double seconds)
{
    if (!std::isfinite(seconds) || seconds < 0)
        return kNotANumber;
    if (seconds < 59.95)
        return fixed(seconds, seconds < 9.995 ? 2 : 1) + " s";
    const auto whole = std::llround(std::min(seconds, 1e15));
    if (whole < 3600)
        return std::to_string(whole / 60) + " min " + twoDigits(whole % 60) + " s";
    return std::to_string(whole / 3600) + " h " + twoDigits(whole / 60 % 60) + " min";
}

std::string clockTime(double seconds)
{
    const std::int64_t whole = seconds > 0 ? std::llround(std::min(seconds, 1e15)) : 0;
    if (whole < 3600)
        return std::to_string(whole / 60) + ":" + twoDigits(whole % 60);
    return std::to_string(whole / 3600) + ":" + twoDigits(whole / 60 % 60) + ":" + twoDigits(whole % 60);
}

std::string shapeText(const std::vector<std::int64_t>& shape)
{
    std::vector<std::string> parts;
    for (const std::int64_t size : shape)
        parts.push_back(std::to_string(size));
    return parts.empty() ? "scalar" : joined(parts, " x ");
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator)
{
    std::string text;
    for (const std::string& part : parts) {
        if (!text.empty())
            text += separator;
        text += part;
    }
    return text;
}

Table::Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}

Table& Table::add(std::vector<std::string> cells)
{
    cells.resize(m_columns.size());
    m_rows.push_back(std::move(cells));
    return *this;
}

std::string Table::text() const
{
    std::vector<std::vector<std::string>> lines;
    if (std::any_of(m_columns.begin(), m_columns.end(), [](const Column& c) { return !c.title.empty(); })) {
        lines.emplace_back();
        for (const Column& column : m_columns)
            lines.back().push_back(column.title);
    }
    lines.insert(lines.end(), m_rows.begin(), m_rows.end());

    std::vector<std::size_t> widths(m_columns.size(), 0);
    for (const auto& line : lines)
        for (std::size_t c = 0; c < line.size(); ++c)
            widths[c] = std::max(widths[c], displayWidth(line[c]));

    std::string text;
    for (const auto& line : lines) {
        std::string row;
        for (std::size_t c = 0; c < line.size(); ++c) {
            const std::string padding(widths[c] - displayWidth(line[c]), ' ');
            row += c == 0 ? "" : "  ";
            row += m_columns[c].align == Align::Left ? line[c] + padding : padding + line[c];
        }
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + "\n";
    }
    return text;
}

} // namespace eigenquant::cli
