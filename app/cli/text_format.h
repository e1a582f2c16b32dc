// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Numbers and tables as people read them. Nothing here asks the locale.
namespace eigenquant::cli {

/// "134,515,008"
std::string grouped(std::int64_t value);
/// A number with so many decimals; "n/a" if it is not finite.
std::string fixed(double value, int decimals);
/// A number with so many significant digits, such as "0.00123" or "1.2e-07"; "n/a" if it is not finite.
std::string significant(double value, int digits);
/// "96 B", "1.5 KiB", "101.7 MiB"
std::string byteSize(std::uint64_t bytes);
/// "0.82 s", "12.3 s", "2 min 05 s", "1 h 02 min"
std::string duration(double seconds);
/// "0:31", "12:05", "1:02:09"; seconds are rounded, negative ones count as none.
std::string clockTime(double seconds);
/// "576 x 1536"
std::string shapeText(const std::vector<std::int64_t>& shape);
/// "a, b, c"
std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// Columns that line up in a terminal.
class Table {
public:
    enum class Align { Left, Right };
    struct Column {
        std::string title; ///< all titles empty: no head line
        Align align = Align::Left;
    };

    explicit Table(std::vector<Column> columns);
    /// One row; a cell for each column.
    Table& add(std::vector<std::string> cells);
    /// Every line ends with a newline and carries no trailing blanks.
    std::string text() const;

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<std::string>> m_rows;
};

} // namespace eigenquant::cli
