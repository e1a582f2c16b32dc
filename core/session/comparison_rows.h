// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/comparison.h"

#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace eigenquant {

/// A row from the text that comparisonRowToJson() wrote. Error::invalid for anything else.
ComparisonRow comparisonRowFromJson(const std::string& text, const std::filesystem::path& source);

/// The rows that a comparison finished, one file each, so that a stopped run is resumed.
class ComparisonRows {
public:
    /// Opens DIR/rows, making what is missing; with `afresh` what is there is removed. Error::usage for a folder
    /// that is not empty and holds no rows: it is something else.
    ComparisonRows(const std::filesystem::path& folder, bool afresh);

    /// The row of a key, if it was finished before.
    std::optional<ComparisonRow> find(const std::string& key) const;
    /// Writes NNN-name.json, which appears whole or not at all.
    void add(std::size_t number, const ComparisonRow& row);

    std::size_t count() const { return m_rows.size(); }

private:
    void read();

    std::filesystem::path m_folder;
    std::map<std::string, ComparisonRow> m_rows; ///< by key
};

/// "003-rosaq-4-1-32": a name that every file system takes.
std::string rowFileStem(std::size_t number, const std::string& name);

} // namespace eigenquant
