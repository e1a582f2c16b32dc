// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenizer/word_cache.h"

#include <functional>

namespace eigenquant {

namespace {

constexpr std::size_t kLongestWord = 64;
constexpr std::size_t kFirstSlots = 256;
constexpr std::size_t kMostSlots = 1 << 18;

std::uint64_t hashOf(std::string_view word)
{
    return std::hash<std::string_view>{}(word);
}

} // namespace

std::size_t WordCache::slotOf(std::string_view word, std::uint64_t hash) const
{
    std::size_t slot = hash & (m_entries.size() - 1);
    for (;; slot = (slot + 1) & (m_entries.size() - 1)) {
        const Entry& entry = m_entries[slot];
        if (entry.length == 0)
            return slot;
        if (entry.hash == hash && std::string_view(m_words).substr(entry.word, entry.length) == word)
            return slot;
    }
}

bool WordCache::find(std::string_view word, std::vector<std::int32_t>& ids) const
{
    if (m_entries.empty() || word.size() > kLongestWord)
        return false;
    const Entry& entry = m_entries[slotOf(word, hashOf(word))];
    if (entry.length == 0)
        return false;
    const std::int32_t* const first = m_ids.data() + entry.ids;
    ids.insert(ids.end(), first, first + entry.count);
    return true;
}

void WordCache::add(std::string_view word, const std::vector<std::int32_t>& ids)
{
    if (word.empty() || word.size() > kLongestWord)
        return;
    if (m_used * 2 >= m_entries.size()) {
        if (m_entries.size() >= kMostSlots)
            return;
        grow();
    }
    const std::uint64_t hash = hashOf(word);
    m_entries[slotOf(word, hash)] = {hash, static_cast<std::uint32_t>(m_words.size()),
                                     static_cast<std::uint32_t>(m_ids.size()),
                                     static_cast<std::uint16_t>(word.size()), static_cast<std::uint16_t>(ids.size())};
    m_words.append(word);
    m_ids.insert(m_ids.end(), ids.begin(), ids.end());
    ++m_used;
}

void WordCache::grow()
{
    std::vector<Entry> old(m_entries.empty() ? kFirstSlots : m_entries.size() * 2);
    old.swap(m_entries);
    for (const Entry& entry : old)
        if (entry.length != 0)
            m_entries[slotOf(std::string_view(m_words).substr(entry.word, entry.length), entry.hash)] = entry;
}

} // namespace eigenquant
