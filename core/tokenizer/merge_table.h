// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

namespace eigenquant {

/// What two neighbouring tokens become, and how early.
struct Merge {
    static constexpr std::uint32_t kNever = std::numeric_limits<std::uint32_t>::max();

    std::uint32_t rank = kNever; ///< lower goes first
    std::int32_t id = -1;        ///< of the token that the two become
};

/// The merges of a byte-pair encoding by their pair of ids: open addressing, 16 bytes a slot.
class MergeTable {
public:
    explicit MergeTable(std::size_t count);

    /// A pair that comes again is replaced: the last one counts, as in Hugging Face tokenizers.
    void set(std::int32_t left, std::int32_t right, Merge merge);
    /// Rank kNever if the two do not merge.
    Merge find(std::int32_t left, std::int32_t right) const
    {
        return m_slots[slotOf(key(left, right))].merge;
    }
    /// Whether `fits` an id that is merged with another.
    template <typename Predicate> bool anyPart(Predicate&& fits) const
    {
        for (const Slot& slot : m_slots)
            if (slot.key != kFree && (fits(static_cast<std::int32_t>(slot.key >> 32)) ||
                                      fits(static_cast<std::int32_t>(slot.key & 0xffffffffu))))
                return true;
        return false;
    }

private:
    static constexpr std::uint64_t kFree = std::numeric_limits<std::uint64_t>::max();
    struct Slot {
        std::uint64_t key = kFree;
        Merge merge;
    };

    static std::uint64_t key(std::int32_t left, std::int32_t right)
    {
        return std::uint64_t(static_cast<std::uint32_t>(left)) << 32 | static_cast<std::uint32_t>(right);
    }
    std::size_t slotOf(std::uint64_t wanted) const
    {
        std::size_t slot = (wanted * 0x9e3779b97f4a7c15u) >> m_shift;
        while (m_slots[slot].key != wanted && m_slots[slot].key != kFree)
            slot = (slot + 1) & (m_slots.size() - 1);
        return slot;
    }

    std::vector<Slot> m_slots;
    int m_shift; ///< leaves the hash's upper bits, as many as the table's size has
};

/// Merges the symbols of one word, lowest rank first and, among equals, leftmost first, until no pair
/// merges. O(n log n) in the length of the word, whatever it holds.
void mergeSymbols(std::vector<std::int32_t>& symbols, const MergeTable& merges);

} // namespace eigenquant
