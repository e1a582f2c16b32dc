// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/comparison.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace eigenquant::cli {

/// The variants of a comparison, as they were written: a grid, and single ones in the words of `eigenquant plan`.
struct VariantFlags {
    std::string methods, bits, salient, groupSizes, roundings; ///< the grid: lists with commas
    std::vector<std::string> variants;                         ///< "[NAME:] METHOD [flags of eigenquant plan]"
    std::string file;                                          ///< the same, one a line

    void addTo(CLI::App& verb);
    /// The grid first, then the single ones; each name once. What a method of the grid takes no notice of is left
    /// out, and so are combinations that it refuses: they are told in `leftOut`. Throws Error::usage for a single
    /// variant that makes no sense, and when there is none at all.
    std::vector<ComparisonVariant> toVariants(std::uint64_t seed, std::vector<std::string>& leftOut) const;
};

/// One variant from its words; `seed` unless they name one. Without a NAME it is called after its words.
ComparisonVariant parseVariant(const std::string& text, std::uint64_t seed);

} // namespace eigenquant::cli
