// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace eigenquant {

/// The sums of a sequence from any place to its end. Every 64th is kept, and the values between are asked for again:
/// a sum costs no more than 63 additions, and the sums of 28672 values 3.5 KiB.
class SuffixSums {
public:
    SuffixSums() = default;
    /// `valueAt(i)` is the value at place i of `count`.
    template <typename Value>
    SuffixSums(std::size_t count, const Value& valueAt) : m_count(count), m_kept((count + kStep - 1) / kStep)
    {
        double sum = 0;
        for (std::size_t i = count; i-- > 0;) {
            sum += valueAt(i);
            if (i % kStep == 0)
                m_kept[i / kStep] = sum;
        }
    }

    /// The values from `first` on, added up from the last one backwards: the same to the bit, wherever sums were kept.
    template <typename Value>
    double from(std::size_t first, const Value& valueAt) const
    {
        const std::size_t next = (first + kStep - 1) / kStep;
        double sum = next < m_kept.size() ? m_kept[next] : 0;
        for (std::size_t i = std::min(m_count, next * kStep); i-- > first;)
            sum += valueAt(i);
        return sum;
    }

private:
    static constexpr std::size_t kStep = 64;

    std::size_t m_count = 0;
    std::vector<double> m_kept;
};

} // namespace eigenquant
