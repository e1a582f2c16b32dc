// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/quant/allocate.h"
#include "core/results/plan.h"
#include "core/results/statistics.h"

#include <cstddef>
#include <vector>

namespace eigenquant {

/// Every setting that allocateBits() may give to the linears of a plan, with what it costs. Working them out is what
/// takes time; choosing among them for a target takes a few milliseconds, so that a slider can follow the hand.
class BitAllocator {
public:
    /// For the linears that are not locked. Error::usage for statistics without Fisher information.
    BitAllocator(const Plan& plan, const ModelStatistics& statistics);

    /// The fewest and the most effective bits that can be reached, locked linears and rotations included.
    double leastBits() const { return bitsOf(m_leastBytes); }
    double mostBits() const { return bitsOf(m_mostBytes); }
    /// As allocateBits(). `plan` is the plan of the constructor, or differs from it in the bits and K of linears that
    /// are not locked alone.
    void spread(Plan& plan, const ModelStatistics& statistics, double targetBits) const;

private:
    /// The linears of a unit at each of its options.
    struct Settings {
        std::vector<std::size_t> positions;           ///< in Plan::linears
        std::vector<std::vector<LinearPlan>> options; ///< [option][position]
    };
    void findRange();
    double bitsOf(double bytes) const;

    std::vector<AllocationUnit> m_units;
    std::vector<Settings> m_settings; ///< of the unit at the same place
    double m_weights = 0;
    double m_fixedBytes = 0; ///< of locked linears, and of those that stay float
    double m_leastBytes = 0, m_mostBytes = 0;
};

} // namespace eigenquant
