// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/json_output.h"
#include "core/results/comparison.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace eigenquant::cli {

/// The head of the table that a terminal shows, for names of at most `nameWidth` letters.
std::string comparisonHead(std::size_t nameWidth);
/// One row of it, printed as soon as it is done.
std::string comparisonLine(const ComparisonRow& row, std::size_t nameWidth);

/// What a reader has to know to judge the figures, as sentences.
std::vector<std::string> comparisonRemarks(const Comparison& comparison);
/// Whether a variant needs rotations at run time, so that weights alone are worth a plot of their own.
bool hasRunTimeRotations(const Comparison& comparison);

/// What --json prints and compare.json holds.
Json comparisonJson(const Comparison& comparison);
/// A line for each row, fields quoted as RFC 4180 says; what is the same for all rows stands in each.
std::string comparisonCsv(const Comparison& comparison);
/// Perplexity against effective bits, and against the bits of the weights alone where that differs.
std::string comparisonSvg(const Comparison& comparison);

/// Writes compare.json, compare.csv, compare.svg and compare.html into the folder; each appears whole or not at all.
void writeComparison(const Comparison& comparison, const std::filesystem::path& folder);

} // namespace eigenquant::cli
