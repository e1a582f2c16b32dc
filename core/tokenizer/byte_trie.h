// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <vector>

namespace eigenquant {

/// A prefix tree over bytes: what of a vocabulary a text begins with. Node 0 is the root.
class ByteTrie {
public:
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

    ByteTrie() { m_roots.fill(kNone); }

    /// The first value of a text counts; values are 0 and up.
    void insert(std::string_view text, std::int32_t value);

    /// The node behind `node` and a byte, or kNone.
    std::uint32_t step(std::uint32_t node, unsigned char byte) const
    {
        return node == 0 ? m_roots[byte] : m_slots.empty() ? kNone : m_slots[slotOf(node, byte)].child;
    }
    /// Of the text that ends at this node, or -1.
    std::int32_t value(std::uint32_t node) const { return m_values[node]; }

private:
    static constexpr std::uint32_t kFree = kNone;
    struct Slot {
        std::uint32_t node = kFree; ///< with the byte, the edge that this slot belongs to
        std::uint32_t byte = 0;
        std::uint32_t child = kNone;
    };

    std::size_t slotOf(std::uint32_t node, unsigned char byte) const
    {
        const std::uint64_t edge = std::uint64_t{node} << 8 | byte;
        std::size_t slot = (edge * 0x9e3779b97f4a7c15u) >> m_shift;
        while (m_slots[slot].node != kFree && (m_slots[slot].node != node || m_slots[slot].byte != byte))
            slot = (slot + 1) & (m_slots.size() - 1);
        return slot;
    }
    std::uint32_t child(std::uint32_t node, unsigned char byte);
    void grow();

    std::array<std::uint32_t, 256> m_roots;
    std::vector<std::int32_t> m_values{-1};
    std::vector<Slot> m_slots;
    std::size_t m_used = 0;
    int m_shift = 64;
};

} // namespace eigenquant
