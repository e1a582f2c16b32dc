// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/suffix_sums.h"
#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

namespace eigenquant {

/// The dimensions of a site in one basis, in the order in which they become salient, and what is summed up over those
/// that remain. Sums are worked out when first asked for, over all dimensions at once.
class SiteDimensions {
public:
    /// Throws Error::usage for a basis that the site does not have, or that was not measured.
    SiteDimensions(const SiteStatistics& site, Basis basis, Select select, std::uint64_t seed);

    bool isFor(Basis basis, Select select, std::uint64_t seed) const
    {
        return basis == m_basis && select == m_select && (seed == m_seed || select != Select::Random);
    }
    std::size_t count() const { return m_channels.size(); }

    /// The energy of the dimensions that remain when the first `salient` are taken.
    double energyFrom(std::size_t salient) const;
    /// The share of all energy that the first `salient` hold, in 0..1.
    double shareOf(std::size_t salient) const;

    /// Which errors of which linear: those of rounding to a width in groups, or, at 0 bits, the weights themselves.
    struct ErrorsKey {
        LinearRole role = LinearRole::Q;
        int bits = 0;
        int groupSize = 0;
        auto operator<=>(const ErrorsKey&) const = default;
    };
    /// Σ e_j and Σ λ_j e_j over the dimensions that remain.
    struct Remaining {
        double errors = 0;
        double products = 0;
    };
    /// `errors[j]` is the squared error of channel j, and always the same for one key.
    template <typename Errors>
    Remaining errorsFrom(std::size_t salient, const ErrorsKey& key, const Errors& errors)
    {
        const auto error = [&](std::size_t i) {
            return static_cast<double>(errors[static_cast<std::size_t>(m_channels[i])]);
        };
        const auto product = [&](std::size_t i) { return m_energy[i] * error(i); };
        auto found = m_errors.find(key);
        if (found == m_errors.end())
            found = m_errors.emplace(key, ErrorSums{{count(), error}, {count(), product}}).first;
        return {found->second.errors.from(salient, error), found->second.products.from(salient, product)};
    }
    /// How many errors were summed up over all dimensions so far.
    std::size_t passes() const { return m_errors.size(); }

private:
    struct ErrorSums {
        SuffixSums errors;
        SuffixSums products;
    };

    Basis m_basis;
    Select m_select;
    std::uint64_t m_seed;
    std::vector<int> m_channels;  ///< in order of saliency
    std::vector<double> m_energy; ///< in the same order
    SuffixSums m_sums;
    std::map<ErrorsKey, ErrorSums> m_errors;
};

} // namespace eigenquant
