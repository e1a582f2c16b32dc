// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/vocabulary.h"

#include <algorithm>
#include <bit>
#include <functional>

namespace eigenquant {

Vocabulary::Vocabulary(std::size_t count) : m_slots(std::bit_ceil(std::max<std::size_t>(count * 2, 16)), -1)
{
    m_tokens.reserve(count);
    m_arena.reserve(count * 8);
}

bool Vocabulary::add(std::int32_t id, std::string_view text)
{
    if (has(id))
        return false;
    const std::size_t slot = slotOf(text);
    if (m_slots[slot] >= 0)
        return false;
    if (id >= size())
        m_tokens.resize(static_cast<std::size_t>(id) + 1);
    m_tokens[static_cast<std::size_t>(id)] = {m_arena.size(), static_cast<std::int64_t>(text.size())};
    m_arena.append(text);
    m_slots[slot] = id;
    if (++m_count * 2 > m_slots.size())
        grow();
    return true;
}

void Vocabulary::grow()
{
    m_slots.assign(m_slots.size() * 2, -1);
    for (int id = 0; id < size(); ++id)
        if (has(id))
            m_slots[slotOf(text(id))] = id;
}

/// Where the text is, or the free slot where it would be.
std::size_t Vocabulary::slotOf(std::string_view wanted) const
{
    const std::size_t mask = m_slots.size() - 1;
    std::size_t slot = std::hash<std::string_view>{}(wanted) & mask;
    while (m_slots[slot] >= 0 && text(m_slots[slot]) != wanted)
        slot = (slot + 1) & mask;
    return slot;
}

std::int32_t Vocabulary::find(std::string_view text) const
{
    return m_slots[slotOf(text)];
}

bool Vocabulary::has(std::int64_t id) const
{
    return id >= 0 && id < size() && m_tokens[static_cast<std::size_t>(id)].length >= 0;
}

std::string_view Vocabulary::text(std::int32_t id) const
{
    const Token& token = m_tokens[static_cast<std::size_t>(id)];
    return std::string_view(m_arena).substr(token.offset, static_cast<std::size_t>(token.length));
}

} // namespace eigenquant
