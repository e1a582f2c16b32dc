// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/byte_trie.h"

#include <algorithm>
#include <bit>

namespace eigenquant {

void ByteTrie::insert(std::string_view text, std::int32_t value)
{
    std::uint32_t node = 0;
    for (const char c : text)
        node = child(node, static_cast<unsigned char>(c));
    if (m_values[node] < 0)
        m_values[node] = value;
}

std::uint32_t ByteTrie::child(std::uint32_t node, unsigned char byte)
{
    if (node != 0 && (m_used + 1) * 2 > m_slots.size())
        grow();
    std::uint32_t& next = node == 0 ? m_roots[byte] : m_slots[slotOf(node, byte)].child;
    if (next != kNone)
        return next;
    next = static_cast<std::uint32_t>(m_values.size());
    m_values.push_back(-1);
    if (node != 0) {
        Slot& slot = m_slots[slotOf(node, byte)];
        slot.node = node;
        slot.byte = byte;
        ++m_used;
    }
    return static_cast<std::uint32_t>(m_values.size() - 1);
}

void ByteTrie::grow()
{
    std::vector<Slot> old(std::max<std::size_t>(m_slots.size() * 2, 64));
    old.swap(m_slots);
    m_shift = 64 - std::countr_zero(m_slots.size());
    for (const Slot& slot : old)
        if (slot.node != kFree)
            m_slots[slotOf(slot.node, static_cast<unsigned char>(slot.byte))] = slot;
}

} // namespace eigenquant
